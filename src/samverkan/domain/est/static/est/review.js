// Review with the keyboard.

const form = document.querySelector("[data-review-form]");
if (form) {
  const hint = form.querySelector("[data-keys]");
  if (hint) hint.hidden = false;
  const press = (act) => form.querySelector(`button[name="act"][value="${act}"]`)?.click();
  form.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    if (event.key === "Enter") { event.preventDefault(); press("accept"); }
    if (event.key === "Backspace") { event.preventDefault(); press("strip"); }
  });
}
