import type { Dialog } from '../../common/editor/dialog';
import type { Text } from '../../common/editor/texts';

/** Shows the fields that matter for a camera, and sets what most cameras want once that kind of source is chosen. */
export function prepareCamera(dialog: Dialog, text: Text): void {
  const source = dialog.field('source');
  const typeOf = () => source.typedInput('type');
  let type = typeOf();
  const update = () => {
    const isChosen = typeOf() === 'camera' && type !== 'camera';
    type = typeOf();
    if (isChosen) for (const name of ['live', 'autostart']) dialog.field(name).prop('checked', true).trigger('change');
    $('.video-source-camera').toggle(type === 'camera');
    const placeholder = text(`placeholder.${type === 'camera' ? 'camera' : 'source'}`);
    source.siblings('.red-ui-typedInput-container').find('input').attr('placeholder', placeholder);
  };
  source.on('change', update);
  update();
  dialog.showWhen('.video-source-recorded', ['source', 'live'], () => !dialog.isChecked('live'));
}
