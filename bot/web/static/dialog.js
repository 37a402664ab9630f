// Forms and questions, in the browser's own dialog: it keeps the focus inside, Esc closes it, the focus goes back.

import { ask } from "./wire.js";
import { placeOf, showError } from "./page.js";

const dialog = document.getElementById("dialog");
const UPLOAD_LIMIT = 8_000_000;

/** Resolves to whether the person said yes. */
export function confirmed({ confirm, yes, no }) {
  dialog.replaceChildren();
  const form = document.createElement("form");
  form.className = "form question";
  form.method = "dialog";
  form.innerHTML = '<p></p><footer><button class="button plain" value="no"></button><button class="button danger" value="yes"></button></footer>';
  form.querySelector("p").textContent = confirm;
  form.querySelector("[value=no]").textContent = no || "No";
  form.querySelector("[value=yes]").textContent = yes || "Yes";
  dialog.append(form);
  return shown().then((answer) => answer === "yes");
}

/** Opens a form that the server drew. done(answer): the server took it. */
export function openForm(html, { from, card, done }) {
  dialog.innerHTML = html;
  const form = dialog.querySelector("form");
  form.querySelectorAll("[data-max]").forEach((counter) => count(counter));
  form.addEventListener("input", (event) => {
    const counter = event.target.closest(".field")?.querySelector("[data-max]");
    if (counter) count(counter);
    const error = event.target.closest(".field")?.querySelector("[data-error-of]");
    if (error) showError(error, "");
  });
  form.addEventListener("change", (event) => event.target.matches("[data-upload]") && upload(event.target));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const submit = form.querySelector("footer .primary");
    if (isBusy(submit)) return;
    busy(submit, true);
    const answer = await ask("press", { action: form.dataset.form, card, values: values(form), ...placeOf(from) });
    busy(submit, false);
    if (answer.errors || (answer.failed && !answer.note)) return mark(form, answer.errors ?? { "": answer.failed });
    dialog.close();
    done(answer);
  });
  const closed = shown();
  form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  return closed;
}

dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
});

function shown() {
  dialog.returnValue = "";
  const closed = new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
  dialog.showModal();
  return closed;
}

/** Not `disabled`: a disabled button loses the focus, and nothing gives it back. */
export function busy(button, is) {
  button.classList.toggle("busy", is);
  button.setAttribute("aria-disabled", String(is));
}

export const isBusy = (button) => button.classList.contains("busy");

function values(form) {
  const read = {
    check: (input) => input.checked,
    choices: (input) => [...input.querySelectorAll("input:checked")].map((box) => box.value),
  };
  const inputs = [...form.querySelectorAll("[data-widget]")];
  return Object.fromEntries(
    inputs.map((input) => [input.getAttribute("name"), (read[input.dataset.widget] ?? ((i) => i.value))(input)]),
  );
}

function mark(form, errors) {
  for (const place of form.querySelectorAll("[data-error-of]")) showError(place, "");
  for (const [name, text] of Object.entries(errors)) {
    const places = [...form.querySelectorAll("[data-error-of]")];
    showError(places.find((place) => place.dataset.errorOf === name) ?? places[0], text);
  }
  const first = form.querySelector(".field [data-error-of]:not([hidden])")?.closest(".field");
  (first ?? form).querySelector("input:not([type=hidden]), textarea, select")?.focus();
}

/** Counts characters as the server does: code points. */
function count(counter) {
  const most = Number(counter.dataset.max);
  const used = [...counter.closest(".field").querySelector("textarea").value].length;
  counter.textContent = `${used.toLocaleString("en")} of ${most.toLocaleString("en")}`;
  counter.classList.toggle("over", used > most);
}

async function upload(input) {
  const field = input.closest(".field");
  const error = field.querySelector("[data-error-of]");
  const preview = field.querySelector(".upload-preview");
  const submit = input.form.querySelector("footer .primary");
  const file = input.files[0];
  const hidden = document.getElementById(input.dataset.upload);
  hidden.value = "";
  preview.hidden = true;
  if (!file) return;
  if (file.size > UPLOAD_LIMIT) return showError(error, "The picture is larger than 8 MB. Choose a smaller one.");
  showError(error, "");
  preview.src = URL.createObjectURL(file);
  preview.hidden = false;
  busy(submit, true);
  const sent = new FormData();
  sent.append("picture", file);
  try {
    const answer = await fetch("/upload", { method: "POST", body: sent, headers: { accept: "application/json" } });
    const body = await answer.json();
    if (answer.ok) hidden.value = body.id;
    else showError(error, `${body.error.message} ${body.error.remedy}`);
  } catch {
    showError(error, "The picture did not arrive. Choose it again.");
  }
  busy(submit, false);
}
