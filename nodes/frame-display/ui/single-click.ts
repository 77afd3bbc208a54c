import { onBeforeUnmount } from 'vue';

/** Ms within which a second click makes a double click of two. */
const doubleClickTime = 300;

/** Waits with what a click does until it is known not to be the first of a double click, which does something else. */
export function useSingleClick() {
  let timer: ReturnType<typeof setTimeout>;
  onBeforeUnmount(() => clearTimeout(timer));
  return (event: MouseEvent, act: () => void) => {
    clearTimeout(timer);
    if (event.detail <= 1) timer = setTimeout(act, doubleClickTime);
  };
}
