import type { Dialog } from '../../common/editor/dialog';

/** What only pictures have that are decoded here, and what it is where nothing is to be done about them. */
const decoding = { quality: '90', width: '', height: '', fps: '', hwaccel: '' };

const areAsTheyAre = (dialog: Dialog) => dialog.value('pictures') === 'source';

/** Shows what can be done about pictures where they are decoded. */
export function preparePictures(dialog: Dialog): void {
  dialog.showWhen('.video-source-jpeg', ['pictures'], () => !areAsTheyAre(dialog));
}

/** Clears what is hidden, which would be refused when the video is started. */
export function clearDecoding(dialog: Dialog): void {
  if (!areAsTheyAre(dialog)) return;
  for (const [name, value] of Object.entries(decoding)) dialog.field(name).val(value);
  if (dialog.value('deinterlace') === 'on') dialog.field('deinterlace').val('auto');
}
