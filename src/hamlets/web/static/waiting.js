// Asks how far a job is, more and more seldom, and never while nobody looks.
const FIRST = 2000;
const LONGEST = 15000;
const part = document.querySelector("[data-waiting]");
let wait = FIRST;
let timer;

function later() {
  clearTimeout(timer);
  timer = setTimeout(look, wait);
  wait = Math.min(LONGEST, wait * 1.25);
}

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    // the page's own style has another nonce each time, which this page would refuse
    const text = (await answer.text()).replace(/<style[^>]*>[^]*?<\/style>/g, "");
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.querySelector("[data-waiting]");
    if (!fresh || answer.redirected) {
      location.replace(answer.redirected ? answer.url : location.href);
      return;
    }
    for (const now of part.querySelectorAll("[data-part]")) {
      const next = fresh.querySelector(`[data-part="${now.dataset.part}"]`);
      // the same words are not said again to those who listen
      if (next && next.innerHTML !== now.innerHTML) now.replaceChildren(...next.childNodes);
    }
  } catch {
    // the network is away for a moment: ask again
  }
  later();
}

if (part) {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) { wait = FIRST; later(); }
  });
  later();
}
