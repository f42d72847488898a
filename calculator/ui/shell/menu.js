const SHARE = "M18 16a3 3 0 0 0-2.2 1l-6-3.5a3 3 0 0 0 0-1.4l6-3.5A3 3 0 1 0 15 6.7l-6 3.5a3 3 0 1 0 0 4.2l6 3.5A3 3 0 1 0 18 16z";

// The address of another page: this page's own, with the name of the page replaced. The settings in it are those of now.
function link(here, page) {
  const path = location.pathname.replace(/\/$/, "");
  const root = here && path.endsWith(`/${here}`) ? path.slice(0, -here.length) : `${path}/`;
  return root + page + location.search;
}

function build(nav, { pages, here, whole }) {
  const links = pages.map(({ address, name }) => {
    const one = Object.assign(document.createElement("a"), { textContent: name });
    one.dataset.address = address;
    if (address === here) one.setAttribute("aria-current", "page");
    return one;
  });
  if (whole) {
    const one = Object.assign(document.createElement("a"), { textContent: "Open the whole page", target: "_blank" });
    nav.replaceChildren(one);
    return;
  }
  const share = Object.assign(document.createElement("button"), { type: "button" });
  share.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${SHARE}"/></svg><span>Share</span>`;
  nav.replaceChildren(...links, share);
}

const CONTROLS = "a[href], button:enabled, input:enabled, [tabindex='0']";

// Moves the focus to the first control behind the menu.
function skip(event) {
  event.preventDefault();
  const menu = event.target.getRootNode().host ?? event.target;
  const behind = node => menu.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING && node.checkVisibility();
  [...document.querySelectorAll(".stMain :is(" + CONTROLS + ")")].find(behind)?.focus();
}

export default function ({ parentElement, data: { json }, setTriggerValue }) {
  const nav = parentElement.querySelector("nav"), data = JSON.parse(json);
  parentElement.querySelector(".skip").onclick = skip;
  if (nav.dataset.here !== data.here) {
    build(nav, data);
    nav.dataset.here = data.here;
  }
  const refresh = () => {
    for (const one of nav.querySelectorAll("a")) one.href = data.whole || link(data.here, one.dataset.address);
  };
  refresh();
  nav.onpointerover = nav.onpointerdown = refresh;
  if (!nav.heard) nav.addEventListener("focusin", () => nav.refresh());
  nav.heard = true;
  nav.refresh = refresh;
  nav.onclick = event => {
    refresh();
    const one = event.target.closest("a");
    if (event.target.closest("button")) setTriggerValue("share", true);
    if (!one || data.whole || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (one.dataset.address !== data.here) setTriggerValue("page", one.dataset.address);
  };
}
