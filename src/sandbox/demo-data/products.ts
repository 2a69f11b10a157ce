import type { TiktokProduct } from '../tiktok/types.ts';

interface Variant {
  id: string;
  name: string;
  price: string;
  stock: number;
}

export interface DemoProduct {
  shopId: string;
  id: string;
  title: string;
  currency: string;
  attribute: string;
  description: string;
  variants: Variant[];
}

const GB = '7494049642642441621';
const TH = '7495112873305904412';
const ID = '7495680014429931873';

export const DEMO_PRODUCTS: readonly DemoProduct[] = [
  {
    shopId: GB,
    id: '1729384756012345601',
    title: 'Merino Crew Jumper',
    currency: 'GBP',
    attribute: 'Size',
    description: '<p>Knitted from 100% merino wool.</p><ul><li>Machine washable at 30 °C</li><li>Regular fit</li></ul>',
    variants: [
      { id: '1729384756012345611', name: 'S', price: '49.00', stock: 12 },
      { id: '1729384756012345612', name: 'M', price: '49.00', stock: 4 },
      { id: '1729384756012345613', name: 'L', price: '52.00', stock: 0 },
    ],
  },
  {
    shopId: GB,
    id: '1729384756012345602',
    title: 'Stoneware Mug, 350 ml',
    currency: 'GBP',
    attribute: 'Colour',
    description: '<p>Glazed by hand. Dishwasher and microwave safe.</p>',
    variants: [
      { id: '1729384756012345621', name: 'Sage', price: '14.50', stock: 40 },
      { id: '1729384756012345622', name: 'Oat', price: '14.50', stock: 31 },
    ],
  },
  {
    shopId: TH,
    id: '1729384756012345603',
    title: 'เซรั่มดอกดาหลา 30 มล.',
    currency: 'THB',
    attribute: 'ขนาด',
    description: '<p>เซรั่มบำรุงผิวหน้า อ่อนโยน ไม่มีน้ำหอม</p>',
    variants: [{ id: '1729384756012345631', name: '30 มล.', price: '390.00', stock: 88 }],
  },
  {
    shopId: ID,
    id: '1729384756012345604',
    title: 'Kemeja Batik Pria Lengan Panjang',
    currency: 'IDR',
    attribute: 'Ukuran',
    description: '<p>Katun halus, motif parang. Cuci dengan tangan.</p>',
    variants: [
      { id: '1729384756012345641', name: 'M', price: '189000', stock: 15 },
      { id: '1729384756012345642', name: 'XL', price: '199000', stock: 6 },
    ],
  },
];

/** As `GET /product/202309/products/{id}` shows it. */
export const toTiktokProduct = (product: DemoProduct): TiktokProduct => ({
  shopId: product.shopId,
  id: product.id,
  detail: {
    id: product.id,
    status: 'ACTIVATE',
    title: product.title,
    description: product.description,
    main_images: [{ uri: `demo/${product.id}`, urls: [`https://img.invalid/${product.id}.jpg`] }],
    product_attributes: [],
    skus: product.variants.map((variant) => ({
      id: variant.id,
      seller_sku: `SKU-${variant.id.slice(-4)}`,
      price: { sale_price: variant.price, tax_exclusive_price: variant.price, currency: product.currency },
      sales_attributes: [{ name: product.attribute, value_name: variant.name }],
      inventory: [{ warehouse_id: '7068517275539719942', quantity: variant.stock }],
    })),
  },
});
