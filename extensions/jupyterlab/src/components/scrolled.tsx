import React, { useEffect, useRef } from 'react';

/** A text as it was written. One that does not fit can be scrolled by keys too; any other is no stop on their way. */
export function Scrolled(props: { className: string; text: string; kind?: string }): JSX.Element {
  const pre = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const node = pre.current!;
    const look = (): void => {
      if (node.scrollHeight > node.clientHeight || node.scrollWidth > node.clientWidth) {
        node.tabIndex = 0;
      } else {
        node.removeAttribute('tabindex');
      }
    };
    const sizes = new ResizeObserver(look);
    sizes.observe(node);
    look();
    return () => sizes.disconnect();
  }, [props.text]);
  return (
    <pre ref={pre} className={props.className} data-kind={props.kind}>
      {props.text}
    </pre>
  );
}
