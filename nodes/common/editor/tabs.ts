import type { Text } from './texts';

/**
 * Puts a dialog's sections on tabs. In the template they are the children of `.kafka-video-sections`, each with its
 * name as `data-section`, behind an empty list `.kafka-video-tabs`; `section.<name>` of the catalogue is the caption.
 */
export function prepareTabs(type: string, text: Text): void {
  const form = $(`.kafka-video-form[data-type="${type}"]`);
  const sections = form.find('.kafka-video-sections').children();
  const idOf = (section: HTMLElement) => `${type}-tab-${section.dataset.section}`;
  const tabs = RED.tabs.create({
    element: form.find('.kafka-video-tabs'),
    onchange: ({ id }) => sections.each((_index, section) => void $(section).toggle(idOf(section) === id)),
  });
  for (const section of sections) tabs.addTab({ id: idOf(section), label: text(`section.${section.dataset.section}`) });

  // What is wrong behind another tab would not be found.
  const markInvalid = () => {
    for (const section of sections) {
      const isInvalid = $(section).find('.input-error').length > 0;
      form.find(`a[href="#${idOf(section)}"]`).toggleClass('kafka-video-invalid', isInvalid);
    }
  };
  form.on('change keyup', markInvalid);
  // The editor validates a dialog once more when it is ready.
  setTimeout(markInvalid);
}
