// Says anew how many teams are possible while answers change. Without it, saving does.
const line = document.querySelector("[data-live]");
const form = document.querySelector("form.describe");
let timer;
let asked = 0;

async function ask() {
  const mine = ++asked;
  try {
    const answer = await fetch(line.dataset.live, {
      method: "POST", body: new FormData(form), headers: { Accept: "text/plain" },
    });
    if (answer.status === 200 && mine === asked) line.textContent = await answer.text();
  } catch {
    // the network is away: the line stays as it was
  }
}

if (line && form) {
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 400);
  });
}
