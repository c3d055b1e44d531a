// What is played now, drawn in place: counters, feed, risers. What the socket tells (live_link.js), else what the
// server asked for. Text is set as text, never as HTML: only the cards come as HTML, escaped where they are made.
const ROWS = 12;
const parts = new Map();
let beat = 0;
let said = { words: '', at: 0 };

function draw() {
  for (const [place, { data, paint }] of parts) {
    place.dataset.from = link.view ? 'socket' : 'server';
    paint(place, data);
  }
}

function made(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// Numbers as streamlit_app/numbers.py writes them.
function compact(value, { language }) {
  const short = Math.abs(value) >= 10_000 ? { notation: 'compact', maximumFractionDigits: 1 } : {};
  return new Intl.NumberFormat(language, { maximumFractionDigits: 0, ...short }).format(value);
}

function tenth(value, { language }) {
  return new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
}

function counters(place, data) {
  if (place.cards !== data.cards) {
    place.cards = data.cards;
    place.replaceChildren(
      made('p', { className: 'bb-state' }),
      made('p', { className: 'bb-said', role: 'status' }),
      made('div', { innerHTML: data.cards }));
    place.lastChild.style.marginTop = '0.6rem';
  }
  const view = link.view ?? data.told;
  if (link.view) {
    const hour = view.plays_by_minute.reduce((sum, plays) => sum + plays, 0);
    figure(place, 'Listening now', view.listening, compact(view.listening, data));
    figure(place, 'Plays a minute', view.plays_per_minute, compact(view.plays_per_minute, data));
    figure(place, 'Plays in the last hour', hour, compact(hour, data));
    figure(place, 'Behind Kafka', Math.round(view.lag.seconds), `${tenth(view.lag.seconds, data)} s`);
  }
  const again = view.rebuilding ? ' · the last hours are being read again: figures still grow' : '';
  const how = link.view ? (link.socket ? 'live' : 'connection lost: trying again') : 'every 2 s';
  const clock = new Date(heard.at).toLocaleTimeString('en-GB', data.zone ? { timeZone: data.zone } : {});
  place.querySelector('.bb-state').textContent = `As of ${clock} ${data.zone_name} · ${how}${again}`;
  say(place.querySelector('.bb-said'), view, data);
}

function figure(place, name, value, shown) {
  const node = place.querySelector(`[data-kpi="${name}"]`);
  if (!node || node.textContent === shown) return;
  node.textContent = shown;
  node.dataset.value = value;
  const note = node.parentElement.querySelector('.bb-kpi-note')?.textContent ?? '';
  node.parentElement.setAttribute('aria-label', `${name}: ${shown}. ${note}`);
}

// For a screen reader: at once when the connection comes or goes, else once a minute.
function say(node, view, data) {
  const way = link.view && !link.socket ? 'Connection to the live service lost, trying again.' : '';
  const words = way || `${compact(view.listening, data)} listeners have a track on.`;
  const changed = Boolean(way) !== said.words.startsWith('Connection');
  if (words !== said.words && (changed || Date.now() - said.at > 60_000)) said = { words, at: Date.now() };
  if (node.textContent !== said.words) node.textContent = said.words;
}

function feed(place, data) {
  const plays = (link.view ? link.view.feed : data.playing).slice(0, ROWS);
  if (!plays.length) {
    place.replaceChildren(made('p', { textContent: 'Nobody has a track on.' }));
    return;
  }
  let list = place.querySelector('ol');
  const isFirst = !list || place.asked !== link.address;
  place.asked = link.address;
  if (!list) {
    list = made('ol', { className: 'bb-feed', ariaLabel: 'Playing now, latest first' });
    place.replaceChildren(list);
  }
  const rows = new Map([...list.children].map((row) => [row.dataset.play, row]));
  const wanted = plays.map((play) => {
    const row = rows.get(play.play_id) ?? playRow(play, data, isFirst);
    timed(row, play);
    return row;
  });
  wanted.forEach((row, place_) => { if (list.children[place_] !== row) list.insertBefore(row, list.children[place_]); });
  while (list.children.length > wanted.length) list.lastChild.remove();
}

function playRow(play, { names }, isFirst) {
  const where = [names[play.country] ?? play.country ?? 'somewhere', play.device].filter(Boolean).join(' · ');
  const row = made('li', { className: isFirst ? 'bb-play' : 'bb-play bb-fresh' },
    made('b', { textContent: play.track_title, title: play.track_title }),
    made('span', { className: 'bb-where', textContent: where }),
    made('span', { textContent: play.artist_name }), made('time'), made('i'));
  row.dataset.play = play.play_id;
  return row;
}

function timed(row, play) {
  const began = Date.parse(play.started_at);
  const seconds = Math.max(0, Math.floor((now() - began) / 1000));
  const pad = String(seconds % 60).padStart(2, '0');
  row.querySelector('time').textContent = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${pad} min`;
  const share = (now() - began) / (Date.parse(play.ends_at) - began);
  row.querySelector('i').style.width = `${(100 * Math.min(Math.max(share, 0), 1)).toFixed(1)}%`;
}

function risers(place, data) {
  const tracks = link.view ? link.view.rising[data.window] ?? [] : data.tracks;
  const state = JSON.stringify([tracks, data.empty]);
  if (place.state === state) return;
  place.state = state;
  if (!tracks.length) {
    place.replaceChildren(made('p', { textContent: data.empty }));
    return;
  }
  const most = Math.max(...tracks.map((track) => track.score));
  const rows = tracks.map((track) => riser(track, most, data));
  place.replaceChildren(made('ol', { className: 'bb-risers', ariaLabel: 'Rising now, steepest first' }, ...rows));
}

function riser(track, most, data) {
  const expected = track.expected < 10 ? tenth(track.expected, data) : compact(track.expected, data);
  const bar = made('i');
  bar.style.width = `${(100 * track.score / most).toFixed(1)}%`;
  return made('li', {},
    made('span', { className: 'bb-rank', textContent: track.rank }),
    made('span', { className: 'bb-song' },
      made('b', { textContent: track.track_title, title: track.track_title }),
      made('span', { textContent: track.artist_name })),
    made('span', { className: 'bb-rise' },
      made('b', { textContent: `▲ ${tenth(track.score, data)}×` }),
      made('span', { textContent: `${compact(track.listeners, data)} listeners, ${expected} expected` }), bar));
}

const PAINT = { counters, feed, risers };

// Called again with each new `data`; what it returns is called when the part goes.
export default function ({ data, parentElement, setStateValue }) {
  let place = parentElement.querySelector(':scope > .bb-live');
  if (!place) {
    place = made('div', { className: 'bb-live' });
    parentElement.append(place);
  }
  place.dataset.part = data.part;
  parts.set(place, { data, paint: PAINT[data.part] });
  if (data.part === 'counters') {
    if (!link.view) hear(data.told.at);
    follow(data, (reached) => setStateValue('reached', reached));
  }
  beat ||= setInterval(() => { if (!document.hidden) draw(); }, 1000);
  draw();
  return () => {
    parts.delete(place);
    if (data.part === 'counters') {
      leave();
      link.told = '';
    }
    if (!parts.size) beat = clearInterval(beat) ?? 0;
  };
}
