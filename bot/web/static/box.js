// The message box: completion while typing, Enter sends, what was typed is kept until it arrived.

import { show } from "./cards.js";
import { busy, isBusy } from "./dialog.js";
import { placeOf, showError } from "./page.js";
import { ask } from "./wire.js";

const QUIET_MS = 60;

class Box {
  constructor(form) {
    this.form = form;
    this.text = form.querySelector("textarea");
    this.list = form.querySelector(".options");
    this.options = [];
    this.active = -1;
    this.asked = 0;
    this.key = `troupe:${location.pathname}:${this.text.id}`;
    this.set(sessionStorage.getItem(this.key) ?? "");
    this.text.addEventListener("input", () => this.typed());
    this.text.addEventListener("keydown", (event) => this.pressed(event));
    this.text.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // keeps the focus in the box
      const option = event.target.closest("[role=option]");
      if (option) this.accept(Number(option.dataset.index));
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
  }

  set(text) {
    this.text.value = text;
    this.fit();
    sessionStorage.setItem(this.key, text);
  }

  fill(text) {
    this.set(text);
    this.text.focus();
    this.text.setSelectionRange(text.length, text.length);
    this.typed();
  }

  fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight + 2, window.innerHeight * 0.4)}px`;
  }

  typed() {
    this.fit();
    sessionStorage.setItem(this.key, this.text.value);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.complete(), QUIET_MS);
  }

  async complete() {
    const before = this.text.value.slice(0, this.text.selectionStart);
    const worth = before.startsWith("/") || /(^|\s)@[\w-]*$/.test(before);
    const mine = ++this.asked;
    if (!worth || before.includes("\n")) return this.close();
    const { options } = await ask("complete", { text: before });
    if (mine === this.asked) this.offer(options ?? []);
  }

  offer(options) {
    if (!options.length || document.activeElement !== this.text) return this.close();
    this.options = options;
    this.list.replaceChildren(
      ...options.map(([value, label], i) => {
        const option = document.createElement("li");
        option.id = `${this.list.id}-${i}`;
        option.role = "option";
        option.dataset.index = i;
        const word = value.trim().split(/\s+/).at(-1);
        const name = document.createElement("b");
        name.textContent = label.includes(word) ? "" : `${word} `;
        option.append(name, label);
        return option;
      }),
    );
    this.list.hidden = false;
    this.text.setAttribute("aria-expanded", "true");
    this.mark(-1);
  }

  mark(index) {
    this.active = index;
    [...this.list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
    const chosen = this.list.children[index];
    if (chosen) {
      this.text.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else this.text.removeAttribute("aria-activedescendant");
  }

  close() {
    this.asked++;
    this.options = [];
    this.active = -1;
    this.list.hidden = true;
    this.text.setAttribute("aria-expanded", "false");
    this.text.removeAttribute("aria-activedescendant");
  }

  accept(index) {
    const [value] = this.options[index];
    const rest = this.text.value.slice(this.text.selectionStart);
    this.set(value + rest);
    this.text.setSelectionRange(value.length, value.length);
    this.close();
    this.text.focus();
    this.typed();
  }

  pressed(event) {
    const open = this.options.length > 0;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (open && step) {
      event.preventDefault();
      const n = this.options.length;
      this.mark(this.active < 0 ? (step > 0 ? 0 : n - 1) : (this.active + step + n) % n);
    } else if (open && event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      this.accept(Math.max(this.active, 0));
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (open && this.active >= 0) this.accept(this.active);
      else this.send();
    }
  }

  async send() {
    const text = this.text.value.trim();
    const button = this.form.querySelector(".send");
    const error = this.form.querySelector(":scope > .error");
    if (!text || isBusy(button)) return;
    this.close();
    busy(button, true);
    this.text.readOnly = true;
    showError(error, "");
    const answer = await ask("say", { text, ...placeOf(this.form) });
    busy(button, false);
    this.text.readOnly = false;
    if (answer.failed) showError(error, answer.failed);
    else {
      this.set("");
      this.form.querySelector(".notes").replaceChildren();
      show(answer, this.form);
    }
    this.text.focus();
  }
}

const boxes = [...document.querySelectorAll("[data-box]")].map((form) => new Box(form));

document.addEventListener("click", (event) => {
  const fill = event.target.closest("[data-fill]")?.dataset.fill;
  if (!fill) return;
  if (boxes.length && boxes[0].form.offsetParent) boxes[0].fill(fill);
  else location.assign(`/?say=${encodeURIComponent(fill)}`);
});

const said = new URLSearchParams(location.search).get("say");
if (said && boxes.length) {
  history.replaceState(null, "", location.pathname);
  boxes[0].fill(said);
} else if (boxes.length && matchMedia("(pointer: fine)").matches) boxes.at(document.getElementById("box") ? 0 : -1).text.focus();
