'use strict';

const $ = (id) => document.getElementById(id);

// What comes from exchanges is only ever set as text.
function element(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

function endpointRow(endpoint) {
  const events = endpoint.events === null ? 'all' : endpoint.events.join(', ') || 'none';
  const cells = [endpoint.endpoint_id, endpoint.url, events, endpoint.status];
  return element('tr', '', ...cells.map((text) => element('td', '', text)));
}

function outcome(exchange) {
  if (exchange.status > 0) return String(exchange.status);
  return exchange.took_ms > 0 ? 'no answer' : 'running';
}

function exchangeItem(exchange) {
  const status = outcome(exchange);
  const good = exchange.status >= 200 && exchange.status < 300;
  const summary = element('summary', '',
    element('span', 'number', `#${exchange.number}`), ' ',
    element('span', 'method', exchange.method), ' ',
    element('span', 'target', exchange.target), ' ',
    element('strong', good ? 'status good' : 'status bad', status), ' ',
    element('span', 'took', exchange.took_ms > 0 ? `${exchange.took_ms.toFixed(1)} ms` : ''));
  const details = element('details', '', summary,
    element('h3', '', 'Request body'), element('pre', '', exchange.request || '(empty)'),
    element('h3', '', 'Answer'), element('pre', '', exchange.answer || '(empty)'));
  const item = element('li', '', details);
  if (exchange.fault) item.append(element('p', 'fault', 'Fault: ', element('code', '', exchange.fault)));
  if (exchange.findings.length > 0) item.append(element('ul', 'findings', ...exchange.findings.map(findingItem)));
  return item;
}

function findingItem(finding) {
  return element('li', '', element('strong', '', finding.party), ` ${finding.where} `,
    element('code', '', finding.pointer), ` ${finding.keyword}: ${finding.detail}`);
}

// A new exchange leaves those before it as they are: opened, selected, focused.
const shown = new Map();

function showExchanges(exchanges) {
  for (const exchange of exchanges) {
    const text = JSON.stringify(exchange);
    const old = shown.get(exchange.number);
    if (old && old.text === text) continue;
    const item = exchangeItem(exchange);
    if (old) old.item.replaceWith(item); else $('exchanges').prepend(item);
    shown.set(exchange.number, { text, item });
  }
  const numbers = new Set(exchanges.map((exchange) => exchange.number));
  for (const [number, { item }] of shown) {
    if (numbers.has(number)) continue;
    item.remove();
    shown.delete(number);
  }
}

let endpointsShown = '';

function show(state) {
  $('api-key').textContent = state.api_key;
  showExchanges(state.exchanges);
  const text = JSON.stringify(state.endpoints);
  if (text === endpointsShown) return;
  endpointsShown = text;
  $('endpoints').replaceChildren(...state.endpoints.map(endpointRow));
}

async function fetchJSON(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

async function watch() {
  if (!document.hidden) {
    try {
      show(await fetchJSON('state.json'));
      $('problem').textContent = '';
    } catch {
      $('problem').textContent = 'The sandbox does not answer. It is asked again every second.';
    }
  }
  setTimeout(watch, 1000);
}

// The reference is of the corrected document; the request to try is one that an endpoint of this sandbox takes.
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
