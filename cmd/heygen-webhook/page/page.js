'use strict';

const $ = (id) => document.getElementById(id);

// Values of exchanges are only ever set as text.
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

function exchangeItem(exchange) {
  const ended = exchange.took_ms > 0;
  const good = exchange.status >= 200 && exchange.status < 300;
  const summary = element('summary', '',
    element('span', 'quiet', `#${exchange.number} `), element('code', '', `${exchange.method} ${exchange.target} `),
    element('strong', good ? 'good' : 'bad', exchange.status || (ended ? 'no response' : 'running')),
    element('span', 'quiet', ended ? ` ${exchange.took_ms.toFixed(1)} ms` : ''));
  const item = element('li', '', element('details', '', summary,
    element('h3', '', 'Request body'), element('pre', '', exchange.request || '(empty)'),
    element('h3', '', 'Response body'), element('pre', '', exchange.response || '(empty)')));
  if (exchange.fault) item.append(element('div', 'quiet', `Fault: ${exchange.fault}`));
  const findings = exchange.findings.map((f) => element('li', '', element('strong', '', f.Party), ` ${f.Where} `,
    element('code', '', f.Pointer), ` ${f.Keyword}: ${f.Detail}`));
  if (findings.length > 0) item.append(element('ul', 'findings', ...findings));
  return item;
}

// Exchanges that have not changed stay as they are: opened, selected, focused.
const shown = new Map();

function show(state) {
  $('api-key').textContent = state.api_key;
  $('endpoints').replaceChildren(...state.endpoints.map(endpointRow));
  for (const exchange of state.exchanges) {
    const text = JSON.stringify(exchange);
    const old = shown.get(exchange.number);
    if (old?.text === text) continue;
    const item = exchangeItem(exchange);
    if (old) old.item.replaceWith(item); else $('exchanges').prepend(item);
    shown.set(exchange.number, { text, item });
  }
  for (const [number, { item }] of shown) {
    if (number >= state.exchanges[0].number) continue;
    item.remove();
    shown.delete(number);
  }
}

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

// The reference shows the corrected document. Its request to try names an endpoint of this sandbox.
async function showReference() {
  const [state, spec] = await Promise.all([fetchJSON('state.json'), fetchJSON('openapi.json')]);
  const update = spec.paths['/v1/webhook/endpoint.update']?.patch?.requestBody?.content?.['application/json'];
  if (update && state.endpoints.length > 0) {
    update.example = {
      endpoint_id: state.endpoints[0].endpoint_id, url: 'https://example.com/hook', events: ['avatar_video.success'],
    };
  }
  const ui = SwaggerUIBundle({
    spec,
    dom_id: '#reference',
    validatorUrl: null,
    docExpansion: 'full',
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
showReference().catch((error) => { $('problem').textContent = `The reference cannot be shown: ${error.message}`; });
