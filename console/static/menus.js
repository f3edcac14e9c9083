// A menu or an explanation closes when something in it is chosen, when the mouse goes elsewhere, and by Escape.
const OPEN = "details.menu[open], details.about[open]";

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(OPEN)) {
    const within = menu.contains(event.target);
    if (!within || event.target.closest("li")) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(OPEN)) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
