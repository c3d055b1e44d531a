// One WebSocket to `backbeat live` for all parts of the page Now: joined again when it is lost, with longer and
// longer pauses; `link.view` is what it tells. live_view.js, which follows this in one module, draws it.
const SILENT_MS = 20_000; // four heartbeats
const LONGEST_MS = 10_000;
const TICKET_OVER = 4001;
const link = { address: '', ticket: '', socket: null, view: null, tries: 0, timer: 0, told: '', report: () => {} };
let heard = { at: Date.now(), here: performance.now() };

function follow(data, report) {
  link.report = report;
  link.ticket = data.ticket;
  if (link.address === data.socket) return;
  leave();
  link.address = data.socket;
  if (link.address) join();
}

function leave() {
  clearTimeout(link.timer);
  const before = link.socket;
  Object.assign(link, { address: '', socket: null, view: null, tries: 0 });
  before?.close();
}

function join() {
  let socket;
  try {
    const address = new URL(link.address);
    if (link.ticket) address.searchParams.set('ticket', link.ticket);
    socket = new WebSocket(address);
  } catch { // a page that came by https may not open ws://
    lost(0);
    return;
  }
  link.socket = socket;
  const mine = (does) => (event) => { if (link.socket === socket) does(event); };
  socket.onmessage = mine((event) => take(JSON.parse(event.data)));
  socket.onclose = mine((event) => lost(event.code));
  wait(SILENT_MS, () => socket.close());
}

function wait(milliseconds, then) {
  clearTimeout(link.timer);
  link.timer = setTimeout(then, milliseconds);
}

function lost(code) {
  link.socket = null;
  link.tries += 1;
  if (code !== TICKET_OVER && link.tries > 1) { // once may be a restart
    link.view = null;
    tell('no');
  }
  const pause = Math.min(LONGEST_MS, 500 * 2 ** (link.tries - 1)) * (0.75 + Math.random() / 2);
  wait(code === TICKET_OVER && link.tries === 1 ? 0 : pause, join);
  draw();
}

function tell(reached) {
  if (link.told !== reached) link.report(link.told = reached);
}

function take(frame) {
  const { socket } = link;
  wait(SILENT_MS, () => socket.close());
  link.tries = 0;
  hear(frame.at);
  if (frame.type === 'snapshot') link.view = frame;
  else if (frame.type === 'delta') link.view = applied(link.view, frame);
  tell('yes');
  draw();
}

// As serving/live/view.py: what replaces, what is merged, and the feed, latest start first.
function applied(view, { type, rising, feed, countries, ...replaced }) {
  const found = { ...view, ...replaced };
  if (rising) {
    const merged = Object.entries({ ...view.rising, ...rising });
    found.rising = Object.fromEntries(merged.filter(([, list]) => list !== null));
  }
  if (feed) {
    const kept = new Map(view.feed.map((play) => [play.play_id, play]));
    feed.removed.forEach((id) => kept.delete(id));
    feed.added.forEach((play) => kept.set(play.play_id, play));
    const later = (a, b) => (a === b ? 0 : a < b ? 1 : -1);
    found.feed = [...kept.values()].sort(
      (a, b) => later(a.started_at, b.started_at) || later(b.play_id, a.play_id));
  }
  return found;
}

function hear(at) {
  heard = { at: Date.parse(at), here: performance.now() };
}

const now = () => heard.at + performance.now() - heard.here;
