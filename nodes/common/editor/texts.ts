import { type NumberRange, numberValidator } from './numbers';

/** A text of a node's catalogue. */
export type Text = (key: string, values?: object) => string;

/** The catalogue of a node type, for where there is no node whose `_` could be asked. */
export function textsOf(type: string): Text {
  return (key, values) => RED._(`@kafka-video/node-red-dashboard-2-nodes/${type}:${type}.${key}`, values);
}

/** The names and validators of a node's properties, in the words of its catalogue. */
export function propertiesIn(text: Text) {
  const named = <Property extends EditorProperty>(labelKey: string, property: Property) => ({
    ...property,
    label: text(`label.${labelKey}`),
  });
  return {
    named,
    /** A numeric property; the build adds the words for ranges to each catalogue. */
    number: (labelKey: string, value: number | '', range: NumberRange | ((node: EditorNode) => NumberRange)) =>
      named(labelKey, { value, validate: numberValidator<EditorNode>(text, range) }),
    /** A property that `isValid` judges; `errors.<errorKey>` says what it has to be. */
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
