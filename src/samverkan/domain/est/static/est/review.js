// Review with the keyboard.

const form = document.querySelector("[data-review-form]");
if (form) {
  const hint = form.querySelector("[data-keys]");
  if (hint) hint.hidden = false;
  const press = (act) => form.querySelector(`button[name="act"][value="${act}"]`)?.click();
  // Wherever the focus is, and no key that edits text.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    press(event.shiftKey ? "strip" : "accept");
  });
}
