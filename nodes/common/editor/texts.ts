import type { NumberRange } from '../../../lib/read-number';
import { numberValidator } from './numbers';

/** Looks up a text in a node's message catalog. */
export type Text = (key: string, values?: object) => string;

/** The message catalog of a node type, for use where there is no node instance to call `_` on. */
export function textsOf(type: string): Text {
  return (key, values) => RED._(`@kafka-video/node-red-dashboard-2-nodes/${type}:${type}.${key}`, values);
}

/** Builds property definitions with labels and validation messages from a node's catalog. */
export function propertiesIn(text: Text) {
  const named = <Property extends EditorProperty>(labelKey: string, property: Property) => ({
    ...property,
    label: text(`label.${labelKey}`),
  });
  return {
    named,
    /**
     * A numeric property, left blank for its default. The build merges the texts for ranges into every catalog.
     */
    number: (labelKey: string, value: number | '', range: NumberRange | ((node: EditorNode) => NumberRange)) => {
      const allowed = (node: EditorNode) => ({ ...(typeof range === 'function' ? range(node) : range), blank: true });
      return named(labelKey, { value, validate: numberValidator<EditorNode>(text, allowed) });
    },
    /** A property validated by `isValid`; `errors.<errorKey>` describes valid values. */
    checked: (
      labelKey: string,
      value: string,
      errorKey: string,
      isValid: (value: string, node: EditorNode) => boolean,
    ) =>
      named(labelKey, {
        value,
        validate(this: EditorNode, entered: unknown, options?: { label?: string }) {
          if (isValid(String(entered ?? ''), this)) return true;
          return options === undefined ? false : `${options.label}: ${text(`errors.${errorKey}`)}`;
        },
      }),
  };
}
