// Presses of one control within so many milliseconds of each other make one entry in the browser's history.
const RUN = 2000;

// Adds the listeners of the whole document, once.
function listen() {
  // A swipe that begins on a slider's track scrolls the page. A tap still sets the value, because the browser reports a
  // tap as a click of the mouse once it knows that the touch was not a swipe.
  const track = ({ target }) => target.closest(".stSlider [data-orientation]")
    && !target.closest(".stSlider [data-orientation] > [data-orientation] > [data-rac]");
  for (const name of ["pointerdown", "touchstart"]) document.addEventListener(name, event => {
    if (event.pointerType !== "mouse" && track(event)) event.stopPropagation();
  }, true);
  // A screen reader would read the name of a slider and that of its group: "Kernel size Kernel size".
  const name = root => {
    for (const slider of root.querySelectorAll("input[type=range][aria-label][aria-labelledby]")) slider.removeAttribute("aria-labelledby");
  };
  // The answer stays at the top of the window. Elements that stay below the answer need its height.
  const size = new ResizeObserver(([{ target }]) =>
    document.documentElement.style.setProperty("--our-answer", `${target.offsetHeight}px`));
  let answer = null;
  const measure = () => {
    const now = document.querySelector(".st-key-answer");
    if (now === answer) return;
    size.disconnect();
    if (now) size.observe(now);
    answer = now;
  };
  name(document);
  measure();
  new MutationObserver(changes => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node instanceof HTMLElement) name(node);
    measure();
  }).observe(document.body, { subtree: true, childList: true });
  const push = history.pushState.bind(history);
  let last = -Infinity, control = null;
  history.pushState = (state, title, url) => {
    const now = performance.now(), active = document.activeElement;
    const run = active !== document.body && active === control && now - last < RUN
      && new URL(url ?? "", location.href).pathname === location.pathname;
    [last, control] = [now, active];
    if (run) history.replaceState(state, title, url); else push(state, title, url);
  };
}

export default function ({ setTriggerValue, data: { json } }) {
  const data = JSON.parse(json);
  if (!document.ourListeners) listen();
  document.ourListeners = true;
  const narrow = window.matchMedia(data.narrow), wide = window.matchMedia(data.wide);
  const app = document.querySelector(".stApp");
  const report = () => {
    const width = narrow.matches ? "narrow" : wide.matches ? "wide" : "usual";
    const [red, green, blue] = getComputedStyle(app).backgroundColor.match(/[0-9]+/g).map(Number);
    const mode = red + green + blue < 384 ? "dark" : "light";
    // The start page shows nothing before the page is drawn for this window.
    app.known = width === data.width && mode === data.mode;
    // A trigger and not a state, because an equal state calls no callback: where a newer event made the server lose the
    // first call, the colours would stay wrong.
    if (!app.known) setTriggerValue("window", `${width} ${mode}`);
  };
  report();
  narrow.onchange = wide.onchange = report;
  // Streamlit calls this again with new data. It calls the returned function when the element is removed; by then the
  // component may have another element, whose observer stays.
  app.theme?.disconnect();
  const theme = app.theme = new MutationObserver(() => {
    report();
    const connected = app.dataset.testConnectionState === "CONNECTED";
    if (connected && app.away) setTriggerValue("reconnected", true);
    app.away = !connected;
  });
  theme.observe(app, { attributes: true, attributeFilter: ["class", "data-test-connection-state"] });
  return () => {
    narrow.onchange = wide.onchange = null;
    theme.disconnect();
  };
}
