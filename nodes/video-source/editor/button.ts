/** The node's button, which starts or stops the video. */
export const button: NonNullable<EditorNodeDefinition['button']> = {
  // The source is only known once a message arrives.
  visible() {
    return this.sourceType !== 'msg';
  },
  enabled() {
    return !this.changed;
  },
  onclick() {
    $.ajax({ url: `video-source/${this.id}/button`, method: 'POST', contentType: 'application/json', data: '{}' })
      .done(({ action }) => {
        const text = this._(`video-source.notify.${action}`);
        RED.notify(text, { type: 'success', id: 'video-source', timeout: 2000 });
      })
      .fail(({ status }) => {
        const reason = status === 404 ? 'not-deployed' : status === 0 ? 'no-response' : 'unexpected';
        const message = this._(`node-red:common.notification.errors.${reason}`, { status, message: '' });
        RED.notify(this._('node-red:common.notification.error', { message }), 'error');
      });
  },
};
