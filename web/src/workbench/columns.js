// What the columns of an answer hold, as far as a chart or a drawing needs to know.
const NUMBER = /#(?:integer|decimal|double|float|int|long|short|nonNegativeInteger|positiveInteger)$/;
const DAY = /^-?\d{4}(?:-\d\d(?:-\d\d)?)?(?:T.*)?$/;

export const number = (cell) => (cell && NUMBER.test(cell.datatype ?? "") ? Number(cell.value) : NaN);

export function day(cell) {
  if (!cell || cell.type === "uri" || NUMBER.test(cell.datatype ?? "") || !DAY.test(cell.value)) return null;
  const found = new Date(cell.value.length === 4 ? `${cell.value}-01-01` : cell.value);
  return Number.isNaN(found.valueOf()) ? null : found;
}

// "number", "day", "thing", "text", or "" for a column without values.
export function kindOf(rows, name) {
  const cells = rows.map((row) => row[name]).filter(Boolean);
  if (!cells.length) return "";
  if (cells.every((cell) => !Number.isNaN(number(cell)))) return "number";
  if (cells.every((cell) => day(cell))) return "day";
  return cells.every((cell) => cell.type === "uri" || cell.type === "bnode") ? "thing" : "text";
}
