// Language and theme keep what the page's address says now: it may have changed since the page came.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".choices a");
  if (!link) return;
  const to = new URL(link.href);
  if (link.lang) to.search = location.search;
  else to.searchParams.set("to", location.pathname + location.search);
  link.href = to.href;
}, true);
