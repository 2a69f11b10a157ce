import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CastBuyer } from '../demo-view.ts';
import { useAct } from './act.ts';
import { api } from './api.ts';
import { Icon, type IconName } from './parts.tsx';
import { pictureOf, samplePicture, sampleSticker } from './pictures.ts';

type Menu = 'order' | 'product' | 'picture';

/** What a buyer sends besides words. One menu is open at a time; Escape or a click elsewhere closes it. */
export function PhoneTools({ buyer }: { buyer: CastBuyer }): JSX.Element {
  const act = useAct();
  const [open, setOpen] = useState<Menu | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const file = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (open === null) return;
    const leave = (event: Event) => {
      if (event.target instanceof Node && box.current?.contains(event.target)) return;
      setOpen(null);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setOpen(null);
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('focusin', leave);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('focusin', leave);
    };
  }, [open]);
  const send = (task: () => Promise<void>) => {
    setOpen(null);
    void act(task);
  };
  const sendFile = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    send(async () => api.buyer({ buyer: buyer.handle, type: 'image', imageBase64: await pictureOf(chosen) }));
  };
  const tool = (menu: Menu, label: string, icon: IconName, disabled = false) => (
    <button
      type="button"
      class="tool"
      aria-expanded={open === menu}
      aria-controls="phone-menu"
      disabled={disabled}
      onClick={() => setOpen(open === menu ? null : menu)}
    >
      <Icon name={icon} />
      {label}
    </button>
  );
  return (
    <div class="tools" ref={box}>
      {open !== null && (
        <div class="menu" id="phone-menu">
          {open === 'order' &&
            buyer.orders.map((order) => (
              <button
                key={order.id}
                type="button"
                onClick={() => send(() => api.buyer({ buyer: buyer.handle, type: 'order', orderId: order.id }))}
              >
                <strong>{order.title}</strong>
                <small>
                  {order.id} · {plainStatus(order.status)}
                </small>
              </button>
            ))}
          {open === 'product' &&
            buyer.products.map((product) => (
              <button
                key={product.id}
                type="button"
                onClick={() => send(() => api.buyer({ buyer: buyer.handle, type: 'product', productId: product.id }))}
              >
                <strong>{product.title}</strong>
              </button>
            ))}
          {open === 'picture' && (
            <>
              <button
                type="button"
                onClick={() =>
                  send(() => api.buyer({ buyer: buyer.handle, type: 'image', imageBase64: samplePicture() }))
                }
              >
                <strong>Photo of a damaged parcel</strong>
              </button>
              <button type="button" onClick={() => file.current?.click()}>
                <strong>A picture from this computer…</strong>
              </button>
            </>
          )}
        </div>
      )}
      {tool('order', 'Order', 'order', buyer.orders.length === 0)}
      {tool('product', 'Product', 'product', buyer.products.length === 0)}
      {tool('picture', 'Picture', 'picture')}
      <button
        type="button"
        class="tool"
        onClick={() => send(() => api.buyer({ buyer: buyer.handle, type: 'sticker', imageBase64: sampleSticker() }))}
      >
        <Icon name="sticker" />
        Sticker
      </button>
      <input
        ref={file}
        type="file"
        accept="image/*"
        class="hidden"
        tabIndex={-1}
        aria-label="Choose a picture"
        onChange={(event) => {
          void sendFile(event.currentTarget.files?.[0]);
          event.currentTarget.value = '';
        }}
      />
    </div>
  );
}

const plainStatus = (status: string): string => status.replaceAll('_', ' ').toLowerCase();
