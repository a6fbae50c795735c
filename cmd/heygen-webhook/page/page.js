'use strict';

const $ = (id) => document.getElementById(id);

// Values of calls and deliveries are only ever set as text.
function element(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

function endpointRow(endpoint) {
  const row = element('tr', '');
  const events = endpoint.events === null ? 'all' : endpoint.events.join(', ') || 'none';
  for (const [label, text] of [['ID', endpoint.endpoint_id], ['URL', endpoint.url], ['Events', events], ['Status', endpoint.status]]) {
    row.append(element('td', '', text));
    row.lastChild.dataset.label = label;
  }
  return row;
}

function record(number, what, result, good, aside, ...details) {
  const summary = element('summary', '',
    element('span', 'quiet', `#${number} `), element('code', '', `${what} `),
    element('strong', good ? 'good' : 'bad', result), element('span', 'quiet', aside));
  return element('li', '', element('details', '', summary, ...details));
}

const block = (title, text) => [element('h3', '', title), element('pre', '', text || '(empty)')];

function callItem(call) {
  const ended = call.took_ms > 0;
  const good = call.status >= 200 && call.status < 300;
  const item = record(call.number, `${call.method} ${call.target}`, call.status || (ended ? 'no response' : 'running'), good,
    ended ? ` ${call.took_ms.toFixed(1)} ms` : '', ...block('Request body', call.request), ...block('Response body', call.response));
  if (call.fault) item.append(element('div', 'quiet', `Fault: ${call.fault}`));
  const findings = call.findings.map((f) => element('li', '', element('strong', '', f.party), ` ${f.where} `,
    element('code', '', f.pointer), ` ${f.keyword}: ${f.detail}`));
  if (findings.length > 0) item.append(element('ul', 'findings', ...findings));
  return item;
}

const count = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;

function deliveryItem(delivery) {
  const headers = (header) => Object.entries(header ?? {}).map(([name, values]) => `${name}: ${values.join(', ')}`).join('\n');
  const attempts = delivery.attempts.flatMap((a, i) => {
    const wait = a.wait_s > 0 ? `, after HeyGen's wait of ${a.wait_s} s` : '';
    return block(`Attempt ${i + 1}: ${a.status || a.error}, ${a.took_ms.toFixed(1)} ms${wait}`, headers(a.header));
  });
  const item = record(delivery.number, `${delivery.event_type} to ${delivery.endpoint_id}`,
    delivery.delivered ? 'delivered' : 'not delivered', delivery.delivered, ` ${count(delivery.attempts.length, 'attempt')}`,
    ...block(`Sent to ${delivery.url}`, delivery.body), ...attempts);
  if (delivery.fault) item.append(element('div', 'quiet', `Fault: ${delivery.fault}`));
  return item;
}

// showRecords shows the newest first. Records that have not changed stay as they are: opened, selected, focused.
const shown = { calls: new Map(), deliveries: new Map() };

function showRecords(id, records, itemOf) {
  const numbers = new Set(records.map((r) => r.number));
  for (const [number, { item }] of shown[id]) {
    if (numbers.has(number)) continue;
    item.remove();
    shown[id].delete(number);
  }
  for (const r of records) {
    const text = JSON.stringify(r);
    const old = shown[id].get(r.number);
    if (old?.text === text) continue;
    const item = itemOf(r);
    if (old) old.item.replaceWith(item); else $(id).prepend(item);
    shown[id].set(r.number, { text, item });
  }
}

function option(value, text) {
  const made = element('option', '', text);
  made.value = value;
  return made;
}

// showChoices leaves a list alone while it has the same values, so that what is chosen stays.
function showChoices(list, fixed, values) {
  if (JSON.stringify([...list.options].slice(fixed).map((o) => o.value)) === JSON.stringify(values)) return;
  const chosen = list.value;
  list.replaceChildren(...[...list.options].slice(0, fixed), ...values.map((v) => option(v, v)));
  if (values.includes(chosen)) list.value = chosen;
}

function show(state) {
  $('api-key').textContent = state.api_key;
  $('endpoints').replaceChildren(...state.endpoints.map(endpointRow));
  showChoices($('event-endpoint'), 1, state.endpoints.map((e) => e.endpoint_id));
  showChoices($('event-types'), 0, state.event_types);
  $('fault-list').replaceChildren(...Object.entries(state.delivery_faults).flatMap(([fault, effect]) => [
    element('dt', '', element('code', '', fault)), element('dd', 'quiet', effect)]));
  showRecords('deliveries', state.deliveries, deliveryItem);
  showRecords('calls', state.calls, callItem);
}

async function sendEvent() {
  const event = { event_type: $('event-type').value, faults: $('event-faults').value.split(',').map((f) => f.trim()).filter(Boolean) };
  if ($('event-endpoint').value) event.endpoint_id = $('event-endpoint').value;
  const response = await fetch('events', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(event),
  });
  const result = await response.json();
  if (result.error) return [result.error.message, ...(result.error.mistakes ?? []).map((m) => m.problem)].join('\n');
  if (result.deliveries.length === 0) return 'No endpoint on this machine is subscribed to it.';
  await refresh();
  return `${count(result.deliveries.filter((d) => d.delivered).length, 'endpoint')} of ${result.deliveries.length} responded with a 2xx.`;
}

$('event').addEventListener('submit', async (submit) => {
  submit.preventDefault();
  const button = submit.submitter ?? $('event').querySelector('button');
  button.disabled = true;
  $('event-result').textContent = 'Sending. What gets no 2xx is repeated.';
  try {
    $('event-result').textContent = await sendEvent();
  } catch (error) {
    $('event-result').textContent = `The event cannot be sent: ${error.message}`;
  }
  button.disabled = false;
});

async function fetchJSON(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

let last = '';

async function watch() {
  if (!document.hidden) await refresh();
  setTimeout(watch, 1000);
}

async function refresh() {
  try {
    const state = await fetchJSON('state.json');
    const text = JSON.stringify(state);
    if (text !== last) show(state);
    last = text;
    $('problem').textContent = '';
  } catch {
    $('problem').textContent = 'The sandbox does not respond. The page tries again every second.';
  }
}

// A reference shows the document of a version. Its request to try names an endpoint of this sandbox.
async function showReference(id, name, docExpansion) {
  const [state, spec] = await Promise.all([fetchJSON('state.json'), fetchJSON(name)]);
  const update = spec.paths['/v1/webhook/endpoint.update']?.patch?.requestBody?.content?.['application/json'];
  if (update && state.endpoints.length > 0) {
    update.example = {
      endpoint_id: state.endpoints[0].endpoint_id, url: 'https://example.com/hook', events: ['avatar_video.success'],
    };
  }
  const ui = SwaggerUIBundle({
    spec,
    dom_id: id,
    validatorUrl: null,
    docExpansion,
    defaultModelsExpandDepth: 0,
    tryItOutEnabled: true,
    onComplete: () => {
      for (const [name, scheme] of Object.entries(spec.components?.securitySchemes ?? {})) {
        if (scheme.type === 'apiKey') ui.preauthorizeApiKey(name, state.api_key);
      }
    },
  });
}

const dark = matchMedia('(prefers-color-scheme: dark)');
const darken = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', darken);
darken();
$('base-url').textContent = location.origin;
watch();
Promise.all([
  showReference('#reference', 'openapi.json', 'full'), showReference('#reference-v3', 'openapi-v3.json', 'list'),
]).catch((error) => { $('problem').textContent = `The reference cannot be shown: ${error.message}`; });
