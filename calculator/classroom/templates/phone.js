(() => {
  const now = location.pathname.replace(/\/$/, "") + "/now", find = text => document.querySelector(text);
  const keep = (name, value) => { try { value ? sessionStorage.setItem(now + name, JSON.stringify(value)) : sessionStorage.removeItem(now + name); } catch {} };
  const kept = name => { try { return JSON.parse(sessionStorage.getItem(now + name)); } catch { return null; } };
  let unsent = kept("unsent"), busy = false, again = false, wait = 2000, timer;
  const show = html => {
    const old = find("#answer"), key = find("main").dataset.key, focused = old && document.activeElement === old;
    find("main").outerHTML = html;
    const box = find("#answer");
    if (old && box && find("main").dataset.key === key) {
      box.value = old.value;
      if (focused) box.focus();
    }
    find("#say").textContent = find("main").dataset.say;
  };
  const ask = async () => {
    clearTimeout(timer);
    if (busy) { again = true; return; }
    busy = true; again = false;
    const sending = unsent, { version } = find("main").dataset;
    try {
      const answer = sending
        ? await fetch(now, { method: "POST", body: new URLSearchParams(sending), signal: AbortSignal.timeout?.(15000) })
        : await fetch(`${now}?v=${version}`, { signal: AbortSignal.timeout?.(15000) });
      const html = answer.status === 204 ? "" : await answer.text();
      if (answer.status === 429 || answer.status >= 500 || (html && !html.startsWith("<main"))) throw answer.status;
      if (sending === unsent) keep("unsent", unsent = null);
      if (html) show(html);
      find("#line").textContent = "";
      wait = 2000;
    } catch (status) {
      find("#line").textContent = unsent ? "Not sent yet. Your answer is kept here and sent again." : "No connection. This page tries again.";
      wait = status === 429 ? 1500 : Math.min(wait * 1.5, 20000);
    }
    busy = false;
    if (find("main").dataset.version && (unsent || !document.hidden)) timer = setTimeout(ask, again ? 0 : wait * (0.75 + Math.random() / 2));
  };
  document.addEventListener("input", event => keep("typed", { key: find("main").dataset.key, text: event.target.value }));
  document.addEventListener("submit", event => {
    event.preventDefault();
    keep("unsent", unsent = Object.fromEntries(new FormData(event.target)));
    ask();
  });
  addEventListener("online", ask);
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  const typed = kept("typed");
  if (find("#answer") && typed?.key === find("main").dataset.key) find("#answer").value = typed.text;
  timer = setTimeout(ask, unsent ? 0 : wait * Math.random());
})();
