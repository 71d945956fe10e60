// Keys of the meeting: arrows change the item, B goes to the decision. Everything works without them.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
  const link = { ArrowRight: "a[rel=next]", ArrowLeft: "a[rel=prev]" }[event.key];
  if (link) document.querySelector(`.meeting-now ${link}`)?.click();
  if (event.key === "b" || event.key === "B") {
    event.preventDefault();
    document.querySelector("#id_text")?.focus();
  }
});
