import { onBeforeUnmount, ref } from 'vue';

/** Ms the controls stay after the pointer or a key was used. */
const attentionSpan = 2500;

/** Whether someone is about to use the controls. */
export function useAttention() {
  const isActive = ref(false);
  let timer: ReturnType<typeof setTimeout>;
  function wake() {
    isActive.value = true;
    clearTimeout(timer);
    timer = setTimeout(() => {
      isActive.value = false;
    }, attentionSpan);
  }
  onBeforeUnmount(() => clearTimeout(timer));
  return { isActive, wake };
}
