// Keeps the part of the page that moves fresh while a list is on its way, and prints. The page works without it.
"use strict";
const pause = 2000;
async function look() {
  const shown = document.getElementById("live");
  if (!shown || !shown.hasAttribute("data-moving")) return;
  // A form half filled in must not be taken from under the hand.
  if (!shown.contains(document.activeElement) || document.activeElement.tagName === "A") {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (answer.ok) {
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
