// Pages work without this. It keeps the parts of a page that say data-live up to date, each as often as it says in
// seconds, and does nothing else.
"use strict";
(() => {
  const live = () => [...document.querySelectorAll("[data-live][id]")];
  const every = (one) => (Number(one.dataset.live) || 5) * 1000;
  if (!live().length || !window.fetch || !window.DOMParser) return;

  const here = document.body.dataset.here || location.href; // a page that a form was sent to is at another address
  const stale = document.getElementById("stale");
  const taken = new Map(live().map((one) => [one.id, performance.now()]));
  const due = (one) => (taken.get(one.id) || 0) + every(one) - performance.now();
  let timer = 0;
  let looking = false;
  let hands = -Infinity; // when somebody last touched the page: a finger that is down must find the button it went for

  const changed = (field) => {
    if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
    return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
  };

  // What somebody reads, points at, types into or has opened is not taken away under their hands.
  const inUse = (one) => {
    const chosen = getSelection();
    const marked = chosen && !chosen.isCollapsed && one.contains(chosen.anchorNode);
    return performance.now() - hands < 1500 || marked || one.contains(document.activeElement) ||
      one.querySelector("details[open], a:hover, button:hover, summary:hover, input:hover, select:hover, textarea:hover") ||
      [...one.querySelectorAll("input, select, textarea")].some(changed);
  };

  // A part whose work is over says data-live no longer, and is taken for the last time.
  const take = (page) => {
    document.title = page.title;
    for (const before of live().filter((one) => due(one) < 500)) {
      const now = page.getElementById(before.id);
      taken.set(before.id, performance.now());
      if (inUse(before)) continue;
      if (!now) before.remove();
      else if (before.outerHTML !== now.outerHTML) before.replaceWith(document.adoptNode(now));
    }
  };

  const say = (text) => {
    stale.hidden = !text;
    if (stale.textContent !== text) stale.textContent = text;
  };

  const look = async () => {
    if (looking) return;
    looking = true;
    clearTimeout(timer);
    let least = 1000;
    try {
      const signal = AbortSignal.timeout ? AbortSignal.timeout(10000) : undefined;
      const answer = await fetch(here, { cache: "no-store", redirect: "error", headers: { "X-Live": "1" }, signal });
      if (!answer.ok) throw new Error(String(answer.status));
      take(new DOMParser().parseFromString(await answer.text(), "text/html"));
      say("");
    } catch {
      say(stale.dataset.says);
      least = 5000;
    }
    looking = false;
    wait(least);
  };

  const wait = (least) => {
    const rest = live().map(due);
    if (rest.length && !document.hidden) timer = setTimeout(look, Math.max(least, Math.min(...rest)));
  };

  for (const what of ["pointerdown", "touchstart", "keydown", "submit"]) {
    document.addEventListener(what, () => { hands = performance.now(); }, { capture: true, passive: true });
  }
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden && !looking && live().length) look();
  });
  wait(1000);
})();
