/** Returns a function that shows an error beside a field, in the element `NAME-error`. An empty text removes it. */
export function fieldError(field) {
  const place = document.querySelector(`#${field.name || field.id}-error`);
  return (words) => {
    if (place.textContent === words) return;
    place.textContent = words;
    field.ariaInvalid = words ? "true" : null;
  };
}
