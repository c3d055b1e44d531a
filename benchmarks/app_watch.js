// In the page: click, and tell when all is drawn, in milliseconds by the browser's clock. Drawn is: the script
// has run, the heading is the page's, nothing is stale or a placeholder, every chart and table has its picture,
// and nothing in the page has changed for a while; the time of the last change counts, the while does not.
window.bench = (() => {
  const QUIET_MS = 200, GIVE_UP_MS = 60000, NEVER_QUIET_MS = 3000;
  const STATE = 'data-test-script-state';
  const BUSY = '[data-testid="stSkeleton"], [data-stale="true"]';
  const all = selector => [...document.querySelectorAll(selector)];
  const state = () => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState;
  const title = () => document.querySelector('h1')?.textContent.trim();
  const drawn = wanted => state() === 'notRunning' && title() === wanted && !document.querySelector(BUSY)
    && all('.stVegaLiteChart').every(chart => chart.querySelector('canvas, svg.marks'));

  const until = (began, wanted, hasRun) => new Promise((resolve, reject) => {
    let last = 0, held = 0;
    const observer = new MutationObserver(changes => {
      if (changes.some(change => change.attributeName !== STATE)) last = performance.now();
      if (changes.some(change => change.attributeName === STATE || change.type !== 'attributes')) hasRun = true;
    });
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true,
      attributeFilter: ['d', 'data-stale', STATE, 'transform', 'width', 'height'] });
    const finish = at => { observer.disconnect(); resolve(at - began); };
    const look = () => {
      const now = performance.now();
      held = hasRun && drawn(wanted) ? held || now : 0;
      if (held && now - Math.max(last, held) >= QUIET_MS) return finish(Math.max(last, held));
      if (held && now - held >= NEVER_QUIET_MS) return finish(held);
      if (now - began > GIVE_UP_MS) { observer.disconnect(); return reject(new Error('never drawn: ' + wanted)); }
      requestAnimationFrame(look);
    };
    look();
  });
  const clicked = (element, wanted) => {
    const began = performance.now();
    element.click();
    return until(began, wanted, false);
  };
  const link = name => all('[data-testid="stSidebarNavLink"]').find(found => found.innerText.split('\n').pop() === name);
  const radio = name => all('main button[role="radio"], [role="radiogroup"] button, [data-testid="stButtonGroup"] button')
    .find(found => found.innerText.trim() === name);
  return {
    pages: () => all('[data-testid="stSidebarNavLink"]').map(found => found.innerText.split('\n').pop()),
    loaded: wanted => until(0, wanted, true),
    painted: () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null,
    switched: name => clicked(link(name), name),
    filtered: name => clicked(radio(name), title()),
    offers: name => Boolean(radio(name)),
  };
})();
