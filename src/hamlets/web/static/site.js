// What every page gains from scripts: the design system's components, and menus that close.
import {
  Button, Checkboxes, ErrorSummary, FileUpload, PasswordInput, Radios, SkipLink, createAll,
} from "./vendor/nhsuk-frontend.min.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
for (const part of [Button, Checkboxes, ErrorSummary, FileUpload, PasswordInput, Radios, SkipLink]) {
  createAll(part);
}

// Filters are open where there is room, and folded on a phone until somebody asks for them.
const narrow = window.matchMedia("(max-width: 48.0525em)");
const settle = () => {
  for (const fold of document.querySelectorAll(".filters-fold")) fold.open = !narrow.matches;
};
settle();
narrow.addEventListener("change", settle);

// A menu closes on Escape, and when something else is pressed.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.opens[open]")) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.opens[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
