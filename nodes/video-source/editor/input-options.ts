import { faultOf, inputOptionNames } from '../../../lib/ffmpeg/input-option-names';
import type { Text } from '../../common/editor/texts';

interface InputOption {
  name: string;
  value: string;
}

/** The table of ffmpeg's input options in the dialog. */
export class OptionsTable {
  readonly #list = $('#video-source-options');
  readonly #text: Text;

  constructor(text: Text, options: InputOption[]) {
    this.#text = text;
    this.#list.editableList<InputOption>({
      addItem: (row, _index, option) => this.#fill(row, option),
      removable: true,
      sortable: true,
      height: 'auto',
      addButton: text('label.addOption'),
    });
    this.#list.editableList<InputOption>('addItems', options);
  }

  /** What stands in it; rows that are blank are left out. */
  get options(): InputOption[] {
    const rows = this.#list.editableList('items').toArray();
    return rows.map(optionIn).filter(({ name, value }) => name !== '' || value !== '');
  }

  #fill(row: JQuery, { name = '', value = '' }: Partial<InputOption>): void {
    const fieldOf = (part: keyof InputOption, content: string) =>
      $('<input type="text">')
        .attr({ class: `video-source-option-${part}`, placeholder: this.#text(`label.option.${part}`) })
        .val(content);
    const fields = [fieldOf('name', name), fieldOf('value', value)];
    $('<div class="video-source-option">').append(fields).appendTo(row);
    fields[0]?.autoComplete({
      search: (typed, done) => {
        const found = inputOptionNames.filter((known) => known.includes(typed.replace(/^-/, '')));
        done(found.map((known) => ({ value: known, label: known })));
      },
    });
    const check = () => {
      const option = optionIn(row[0] as HTMLElement);
      const fault = describeFault(option);
      row.find('input').toggleClass('input-error', fault !== undefined);
      row.find('.video-source-option').attr('title', fault ?? '');
    };
    for (const field of fields) field.on('change keyup', check);
    check();
  }
}

/** What is wrong with the first of several options that is not right; undefined when all are. */
export function faultIn(options: unknown): string | undefined {
  return (Array.isArray(options) ? (options as InputOption[]) : [])
    .map(describeFault)
    .find((fault) => fault !== undefined);
}

function describeFault({ name, value }: InputOption): string | undefined {
  if (name === '' && value === '') return undefined;
  const fault = faultOf(name.replace(/^-/, ''), value);
  return fault && `"${name}" ${fault}`;
}

function optionIn(row: HTMLElement): InputOption {
  const textOf = (part: keyof InputOption) => String($(row).find(`.video-source-option-${part}`).val() ?? '').trim();
  return { name: textOf('name'), value: textOf('value') };
}
