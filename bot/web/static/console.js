// The console's page: what the server sends goes where it belongs.

import "./box.js";
import { redraw, subjects } from "./cards.js";
import { newestId, readThread, received } from "./channel.js";
import "./look.js";
import { channel, open, root } from "./page.js";
import { ask, listen } from "./wire.js";

function push(sent) {
  for (const [subject, html] of Object.entries(sent.cards ?? {})) redraw(subject, html);
  received(sent);
  for (const [address, count] of Object.entries(sent.counts ?? {})) tell(document.querySelector(`[data-count="${address}"]`), count || "");
  if ("halted" in sent) tell(document.querySelector("[data-halted]"), sent.halted);
}

function tell(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

/** Tells what stands here. A page that was cut off asks for everything anew. */
async function watch(again) {
  const since = { mark: again ? null : Number(root.dataset.mark), newest: channel ? newestId() : null };
  const answer = await ask("watch", { channel, thread: open.thread, cards: subjects(), ...since });
  if (answer.reload) return location.reload();
  received(answer);
  if (open.thread) await readThread();
  root.dataset.live = "yes";
}

listen(push, watch);
