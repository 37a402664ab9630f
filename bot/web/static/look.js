// Appearance, the menu on small screens, and pages that look again by themselves.

const page = document.documentElement;

document.addEventListener("change", (event) => {
  if (event.target.name !== "theme") return;
  const chosen = event.target.value;
  document.cookie = `troupe_theme=${chosen};path=/;max-age=${chosen ? 31536000 : 0};samesite=lax`;
  if (chosen) page.dataset.theme = chosen;
  else delete page.dataset.theme;
});

const nav = document.querySelector("[data-nav]");
const side = document.getElementById("side");
const openMenu = (is) => {
  document.body.classList.toggle("nav-open", is);
  nav.setAttribute("aria-expanded", String(is));
  if (is) side.querySelector("a").focus();
};
nav.addEventListener("click", () => openMenu(!document.body.classList.contains("nav-open")));
document.addEventListener("click", (event) => {
  if (document.body.classList.contains("nav-open") && !event.target.closest("#side, [data-nav]")) openMenu(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !document.body.classList.contains("nav-open")) return;
  openMenu(false);
  nav.focus();
});

const seconds = Number(document.querySelector("[data-refresh]")?.dataset.refresh ?? 0);
if (seconds) {
  setInterval(async () => {
    const busy = document.hidden || document.getElementById("dialog").open || document.querySelector("#main .note");
    if (busy || document.getElementById("main").contains(document.activeElement)) return;
    try {
      const text = await (await fetch(location.href)).text();
      const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("main");
      if (fresh) document.getElementById("main").replaceChildren(...fresh.childNodes);
    } catch {
      // Not now: the next look finds it.
    }
  }, seconds * 1000);
}
