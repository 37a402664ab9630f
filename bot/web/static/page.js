// What the page is, and small moves that every part of it needs.

export const root = document.querySelector("[data-troupe]");
export const channel = root.dataset.channel ?? "";

/** The thread that stands open beside the channel, or that this page is about. */
export const open = { thread: root.dataset.about ?? "" };

/** Where something that was pressed or typed belongs. */
export function placeOf(element) {
  const inThread = element?.closest("#thread, [data-in-thread]") || root.dataset.page === "card";
  return { channel, thread: inThread ? open.thread : "" };
}

/** Elements out of HTML that the server made and escaped. */
export function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

const NEAR_PX = 160;

/** Whether the newest is in sight, or nearly: then it stays in sight when more comes. */
export const isNearEnd = (view) => view.scrollHeight - view.scrollTop - view.clientHeight < NEAR_PX;

export function toEnd(view) {
  view.scrollTop = view.scrollHeight;
}

/** Says something to a screen reader. */
export function announce(text) {
  document.getElementById("announce").textContent = text;
}

export function showError(element, text) {
  element.textContent = text;
  element.hidden = !text;
}
