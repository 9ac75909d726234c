/** Returns a function that shows an error beside a field, in the element `NAME-error`. An empty text removes it. */
export function fieldError(field) {
  const place = document.querySelector(`#${field.name || field.id}-error`);
  return (text) => {
    if (place.textContent === text) return;
    place.textContent = text;
    field.ariaInvalid = text ? "true" : null;
  };
}
