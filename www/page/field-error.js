/** Shows what is wrong with a field beside it, in the element `NAME-error`; no words, and nothing is wrong. */
export function fieldError(field) {
  const place = document.querySelector(`#${field.name || field.id}-error`);
  return (words) => {
    place.textContent = words;
    field.ariaInvalid = words ? "true" : null;
  };
}
