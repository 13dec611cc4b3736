// Keeps the part of the page that moves fresh while a list is on its way, and prints. The page works without it.
"use strict";
const pause = 2000;
let known = null, looks = 0;
// Where the list stands, in a few words; nothing for a page that has no such words, and once a minute.
async function standing(shown) {
  if (!shown.dataset.state || ++looks % 30 === 0) return null;
  const answer = await fetch(shown.dataset.state, { credentials: "same-origin" });
  return answer.ok ? answer.text() : null;
}
async function look() {
  const shown = document.getElementById("live");
  if (!shown || !shown.hasAttribute("data-moving")) return;
  // A form half filled in must not be taken from under the hand.
  if (!shown.contains(document.activeElement) || document.activeElement.tagName === "A") {
    try {
      const now = await standing(shown);
      const answer = now === null || now !== known ? await fetch(location.href, { credentials: "same-origin" }) : null;
      if (answer?.ok) {
        known = now ?? known;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("live");
        if (fresh && !fresh.hasAttribute("data-moving")) return location.reload();
        if (fresh && fresh.innerText !== shown.innerText) shown.replaceWith(fresh);
      }
    } catch { /* the network is away: look again later */ }
  }
  setTimeout(look, pause);
}
if (document.getElementById("live")) setTimeout(look, pause);
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
