// Keys of the meeting: arrows change the item, B goes to the decision, K makes the map large. Everything works without them.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("textarea, select, input:not([type=checkbox])")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const link = { ArrowRight: "a[rel=next]", ArrowLeft: "a[rel=prev]", k: "a[data-key=k]" }[key];
  if (link) document.querySelector(link)?.click();
  if (key === "b") {
    event.preventDefault();
    document.querySelector("#id_text")?.focus();
  }
});
