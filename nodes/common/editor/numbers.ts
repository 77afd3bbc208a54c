import { isInRange, isUnset, type NumberRange, numberOf } from '../../../lib/read-number';

/** The values allowed in a numeric field. */
export interface FieldRange extends NumberRange {
  /** May be left blank to use the default shown as the placeholder. */
  blank?: boolean;
}

/** Looks up one of the texts in locales/en-US.json. */
export type NumberText = (key: string, values?: object) => string;

/** Needs exactly two parameters: otherwise Node-RED ignores the reason it returns. */
export type NumberValidator<Node> = (this: Node, value: unknown, options?: { label?: string }) => boolean | string;

/** Node-RED substitutes an environment variable only if it is the entire value. */
const isVariable = (value: unknown) => /^\$\{\S+\}$|^\$\(\S+\)$/.test(String(value));

/** Validates a numeric property. The range may depend on other properties of the node. */
export function numberValidator<Node>(
  text: NumberText,
  range: FieldRange | ((node: Node) => FieldRange),
): NumberValidator<Node> {
  return function (value, options) {
    const allowed = typeof range === 'function' ? range(this) : range;
    if (isVariable(value) || isAllowed(value, allowed)) return true;
    // Without options, the editor expects a boolean.
    if (options === undefined) return false;
    const reason = describeRange(text, allowed);
    return options.label ? `${options.label}: ${reason}` : reason;
  };
}

function isAllowed(value: unknown, range: FieldRange): boolean {
  return isUnset(value) ? range.blank === true : isInRange(numberOf(value), range);
}

/** For example, "enter a whole number from 1 to 100, or leave it blank". */
function describeRange(text: NumberText, { above, min, max, whole, blank }: FieldRange): string {
  const kind = text(whole ? 'number.whole' : 'number.any');
  const [key, limit] =
    above === undefined
      ? [max === undefined ? 'atLeast' : 'between', { min }]
      : [max === undefined ? 'above' : 'aboveUpTo', { above }];
  const reason = text(`number.${key}`, { kind, max, ...limit });
  return blank ? text('number.orBlank', { reason }) : reason;
}
