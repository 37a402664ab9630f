// The socket that NiceGUI opened: questions with their answers, and what the server sends by itself.

const EVENT = "troupe";
const PATIENCE_MS = 20_000;

const opened = new Promise((resolve) => {
  const look = () => (window.socket ? resolve(window.socket) : setTimeout(look, 10));
  look();
});

/** Asks the server for one operation. Always answers: `failed` says in words what went wrong. */
export async function ask(op, data = {}) {
  const socket = await opened;
  try {
    const answer = await socket.timeout(PATIENCE_MS).emitWithAck(EVENT, { op, ...wellFormed(data) });
    if (answer.signed_out) leave();
    return answer;
  } catch {
    return { failed: "Troupe did not answer. What you typed is kept; look whether it happened, then try again." };
  }
}

/** Half of a surrogate pair, as a cut emoji leaves it, is no text that could be sent. */
function wellFormed(value) {
  if (typeof value === "string") return value.toWellFormed?.() ?? value;
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, wellFormed(item)]));
}

/** onPush: for each thing that is sent. onConnect: now, and after each lost connection (`again` is true then). */
export async function listen(onPush, onConnect) {
  const socket = await opened;
  let again = false;
  const connected = () => {
    onConnect(again);
    again = true;
  };
  socket.on(EVENT, (sent) => (sent.signed_out ? leave() : onPush(sent)));
  socket.on("connect", connected);
  if (socket.connected) connected();
}

function leave() {
  location.assign("/");
}
