// Messages as they come, older ones, the thread beside them.

import { announce, channel, isNearEnd, made, open, root, toEnd } from "./page.js";
import { ask } from "./wire.js";

const list = document.getElementById("items");
const scroll = document.getElementById("scroll");
const newest = document.querySelector("[data-newest]");
const panel = document.getElementById("thread");
const answers = document.getElementById("answers") ?? panel.querySelector(".items");
let opener = null;

export const newestId = () => Math.max(Number(root.dataset.last ?? 0), ...[...(list?.children ?? [])].map((item) => Number(item.dataset.message)));

export function received(sent) {
  if (sent.items && list && (sent.channel ?? channel) === channel) add(list, sent.items, scroll);
  if (sent.answers && sent.thread === open.thread) {
    document.querySelector("[data-until-answered]")?.remove();
    add(answers, sent.answers, panel.querySelector(".scroll"));
  }
  for (const [thread, size] of Object.entries(sent.replies ?? {})) tell(thread, size);
  for (const id of sent.unread ?? []) document.querySelector(`[data-channel-link="${CSS.escape(id)}"]`)?.classList.add("unread");
}

function add(where, html, view) {
  const near = view && isNearEnd(view);
  for (const item of [...made(html).children]) {
    if (!where.querySelector(`:scope > [data-message="${CSS.escape(item.dataset.message)}"]`)) where.append(item);
  }
  document.getElementById("empty")?.setAttribute("hidden", "");
  if (near) toEnd(view);
  else if (view === scroll && newest) newest.hidden = false;
}

function tell(thread, size) {
  for (const button of document.querySelectorAll("[data-thread]")) {
    if (button.dataset.thread !== thread) continue;
    button.textContent = size === 1 ? "1 reply" : `${size} replies`;
    button.classList.add("has");
  }
}

if (scroll) {
  toEnd(scroll);
  // Pictures and fonts arrive later and move the end away.
  const keep = new ResizeObserver(() => newest.hidden && toEnd(scroll));
  keep.observe(list);
  setTimeout(() => keep.disconnect(), 1500);
  scroll.addEventListener("scroll", () => {
    newest.hidden = isNearEnd(scroll);
    if (scroll.scrollTop < 40) older();
  });
  newest.addEventListener("click", () => toEnd(scroll));
  scroll.querySelector("[data-older]").addEventListener("click", older);
}

let fetching = false;
async function older() {
  const button = scroll.querySelector("[data-older]");
  const first = list.firstElementChild;
  if (button.hidden || fetching || !first) return;
  fetching = true;
  const answer = await ask("older", { channel, before: Number(first.dataset.message) });
  if (!answer.failed) {
    const height = scroll.scrollHeight;
    list.prepend(made(answer.html));
    scroll.scrollTop += scroll.scrollHeight - height;
    button.hidden = !answer.more;
  }
  fetching = false;
}

export async function openThread(thread, from) {
  open.thread = thread;
  opener = from ?? opener;
  const about = panel.querySelector(".about-thread");
  const source = from?.closest(".item")?.querySelector(":scope > .said, :scope > .live");
  about.replaceChildren(...(source ? [source.cloneNode(true)] : []));
  panel.hidden = false;
  document.body.classList.add("thread-open");
  await readThread();
  panel.querySelector("textarea").focus();
}

/** Everything said in the open thread, as it is now. */
export async function readThread() {
  const answer = await ask("thread", { channel, thread: open.thread });
  if (answer.failed) return announce(answer.failed);
  answers.replaceChildren(made(answer.html));
  toEnd(panel.querySelector(".scroll"));
}

export function closeThread() {
  panel.hidden = true;
  document.body.classList.remove("thread-open");
  open.thread = "";
  ask("thread", { channel, thread: "" });
  if (opener?.isConnected) opener.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-thread]");
  if (button) openThread(button.dataset.thread, button);
  else if (event.target.closest("[data-close-thread]")) closeThread();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel.contains(event.target) && !event.defaultPrevented) closeThread();
});
