import type { Text } from './texts';

/**
 * Turns a dialog's sections into tabs. In the template, the sections are the children of `.kafka-video-sections`, which
 * follows an empty `.kafka-video-tabs` list. Each is named by `data-section`, and labeled by `section.<name>`.
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

  // Otherwise an invalid field on another tab would go unnoticed.
  const markInvalid = () => {
    for (const section of sections) {
      const isInvalid = $(section).find('.input-error').length > 0;
      form.find(`a[href="#${idOf(section)}"]`).toggleClass('kafka-video-invalid', isInvalid);
    }
  };
  form.on('change keyup', markInvalid);
  // The editor validates all fields after oneditprepare.
  setTimeout(markInvalid);
}
