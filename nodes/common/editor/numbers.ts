/** What a numeric field may hold. */
export interface NumberRange {
  /** More than this. */
  above?: number;
  /** This or more. */
  least?: number;
  /** This or less. */
  most?: number;
  whole?: boolean;
  /** A blank field stands for the default, which its placeholder shows. */
  blank?: boolean;
}

/** The texts of locales/en-US.json beside this file. */
export type NumberText = (key: string, values?: object) => string;

/** With exactly two parameters, or Node-RED does not take a text for the reason why a value is invalid. */
export type NumberValidator<Node> = (this: Node, value: unknown, options?: { label?: string }) => boolean | string;

/** What Node-RED replaces when flows start; a part of a value is left as it is, so it is no number. */
const isVariable = (value: unknown) => /^\$\{\S+\}$|^\$\(\S+\)$/.test(String(value));

/** A validator for a numeric property. The range may depend on the node's other properties. */
export function numberValidator<Node>(
  text: NumberText,
  range: NumberRange | ((node: Node) => NumberRange),
): NumberValidator<Node> {
  return function (value, options) {
    const allowed = typeof range === 'function' ? range(this) : range;
    if (isVariable(value) || isInRange(value, allowed)) return true;
    // Without options the editor asks for yes or no.
    if (options === undefined) return false;
    const reason = describeRange(text, allowed);
    return options.label ? `${options.label}: ${reason}` : reason;
  };
}

function isInRange(value: unknown, range: NumberRange): boolean {
  const { above = -Infinity, least = -Infinity, most = Infinity, whole = false, blank = false } = range;
  if (value === undefined || value === null || String(value).trim() === '') return blank;
  const number = Number(value);
  return (
    Number.isFinite(number) &&
    number > above &&
    number >= least &&
    number <= most &&
    (!whole || Number.isInteger(number))
  );
}

/** "enter a whole number from 1 to 100, or leave it blank" */
function describeRange(text: NumberText, { above, least, most, whole, blank }: NumberRange): string {
  const kind = text(whole ? 'number.whole' : 'number.any');
  const [key, limit] =
    above === undefined
      ? [most === undefined ? 'atLeast' : 'between', { least }]
      : [most === undefined ? 'above' : 'aboveUpTo', { above }];
  const reason = text(`number.${key}`, { kind, most, ...limit });
  return blank ? text('number.orBlank', { reason }) : reason;
}
