// Living cards: redrawn where they stand, and their buttons.

import { busy, confirmed, isBusy, openForm } from "./dialog.js";
import { announce, isNearEnd, made, placeOf, toEnd } from "./page.js";
import { ask } from "./wire.js";

const COMING_MS = 1500;

const standing = (subject) => [...document.querySelectorAll(".live")].filter((place) => place.dataset.card === subject);

export function redraw(subject, html) {
  for (const place of standing(subject)) {
    const focus = place.contains(document.activeElement) ? document.activeElement : null;
    const open = [...place.querySelectorAll("details")].map((details) => details.open);
    const was = place.querySelector(".badge")?.textContent;
    const writing = isWriting(place);
    const view = writing && place.closest(".scroll");
    const atEnd = view && isNearEnd(view);
    place.innerHTML = html;
    if (atEnd) toEnd(view);
    if (writing && !isWriting(place)) announce(place.querySelector(".said").innerText);
    place.querySelectorAll("details").forEach((details, i) => (details.open = open[i] ?? false));
    if (focus) refocus(place, focus);
    const badge = place.querySelector(".badge")?.textContent;
    if (badge && badge !== was) announce(`${place.querySelector("h3").textContent}: ${badge}`);
  }
}

/** Somebody still writes this message: it grows in silence, and is told when it is done. */
const isWriting = (place) => place.querySelector(".said[aria-busy=true]") !== null;

/** The same button if it is still there, else the card. */
function refocus(place, focus) {
  const verb = focus.dataset.action?.split(":")[0];
  const same = [...place.querySelectorAll("[data-action]")].find((button) => verb && button.dataset.action.startsWith(`${verb}:`));
  const card = place.querySelector("article");
  card.tabIndex = -1;
  (same ?? card).focus({ preventScroll: true });
}

export function subjects() {
  return [...new Set([...document.querySelectorAll(".live")].map((place) => place.dataset.card))];
}

/** Whatever a press or a command came to. near: what was pressed, or the box that was typed in. */
export function show(answer, near, card = "") {
  if (answer.form) {
    openForm(answer.form, { from: near, card, done: (next) => show(next, near, card) });
  } else if (answer.note && answer.coming && !standing(answer.about).length) {
    // It stands in this channel: new, and on its way, or further up than this page goes.
    setTimeout(() => standing(answer.about).length || addNote(answer.note, near), COMING_MS);
  } else if (answer.note && !(answer.about && standing(answer.about).length)) {
    addNote(answer.note, near);
  } else if (answer.failed && !answer.note) {
    addNote(plainNote(answer.failed), near);
  } else if (answer.about && answer.about !== card) {
    const place = standing(answer.about).at(-1);
    place.scrollIntoView({ block: "nearest" });
    place.classList.add("found");
    setTimeout(() => place.classList.remove("found"), 1500);
  }
}

function plainNote(text) {
  const note = document.createElement("div");
  note.innerHTML = '<div class="note" tabindex="-1"><article class="card tone-bad"><div class="blocks"><p class="text"></p></div></article><p class="only-you"><button type="button" class="link" data-dismiss>Dismiss</button></p></div>';
  note.querySelector(".text").textContent = text;
  return note.innerHTML;
}

function addNote(html, near) {
  const note = made(html).firstElementChild;
  note.setAttribute("role", "status");
  const box = near?.closest("[data-box]");
  const card = near?.closest(".live, .note");
  if (box) box.querySelector(".notes").replaceChildren(note);
  else if (card) {
    if (card.nextElementSibling?.matches(".note")) card.nextElementSibling.remove();
    card.after(note);
  } else (document.querySelector("[data-box] .notes") ?? document.getElementById("main")).prepend(note);
  note.scrollIntoView({ block: "nearest" });
}

async function press(button) {
  if (isBusy(button)) return;
  if (button.dataset.confirm && !(await confirmed(button.dataset))) return;
  const card = button.closest(".live")?.dataset.card ?? "";
  busy(button, true);
  const answer = button.dataset.say
    ? await ask("say", { text: button.dataset.say, ...placeOf(button) })
    : await ask("press", { action: button.dataset.action, card, ...placeOf(button) });
  busy(button, false);
  show(answer, button, card);
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("button");
  if (!target) return;
  if (target.dataset.action || target.dataset.say) press(target);
  else if ("dismiss" in target.dataset) target.closest(".note").remove();
  else if (target.matches(".unfold")) unfold(target);
});

function unfold(button) {
  const rest = button.nextElementSibling;
  rest.hidden = false;
  button.setAttribute("aria-expanded", "true");
  button.hidden = true;
}

// A menu closes when something else is pressed, and with Esc.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest("[data-action]")) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
