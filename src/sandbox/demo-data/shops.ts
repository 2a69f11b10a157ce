import type { TiktokBuyer, TiktokSeller, TiktokShop } from '../tiktok/types.ts';

const SCOPES = [
  'seller.authorization.info',
  'seller.customer_service',
  'seller.order.info',
  'seller.logistics',
  'seller.fulfillment.basic',
  'seller.product.basic',
  'seller.return_refund.basic',
];

export const DEMO_SELLERS: readonly TiktokSeller[] = [
  { openId: 'oid-juniper-7f21', name: 'Juniper & Rye Ltd', baseRegion: 'GB', scopes: SCOPES },
  { openId: 'oid-senja-30c4', name: 'Senja Trading', baseRegion: 'SG', scopes: SCOPES },
];

/** Ids, ciphers and names are invented; their lengths and shapes are the platform's. */
export const DEMO_SHOPS: readonly TiktokShop[] = [
  {
    id: '7494049642642441621',
    name: 'Juniper & Rye',
    region: 'GB',
    sellerType: 'LOCAL',
    cipher: 'ROW_DEMOAAAAAJuniperRyeCipher01',
    code: 'GBLCJUNIPER1',
    imUserId: '7494560109732334200',
    agentImUserId: '7494560109732334201',
    agentName: 'Customer service',
    openId: 'oid-juniper-7f21',
  },
  {
    id: '7495112873305904412',
    name: 'บ้านดอกไม้ Beauty',
    region: 'TH',
    sellerType: 'CROSS_BORDER',
    cipher: 'ROW_DEMOBBBBBBaanDokmaiCipher02',
    code: 'THCBDOKMAI02',
    imUserId: '7494560109732334210',
    agentImUserId: '7494560109732334211',
    agentName: 'Customer service',
    openId: 'oid-senja-30c4',
  },
  {
    id: '7495680014429931873',
    name: 'Toko Senja',
    region: 'ID',
    sellerType: 'CROSS_BORDER',
    cipher: 'ROW_DEMOCCCCCTokoSenjaCipher003',
    code: 'IDCBSENJA003',
    imUserId: '7494560109732334220',
    agentImUserId: '7494560109732334221',
    agentName: 'Customer service',
    openId: 'oid-senja-30c4',
  },
];

const buyer = (handle: string, tail: string, nickname: string, more: Partial<TiktokBuyer> = {}): TiktokBuyer => ({
  handle,
  userId: `70214368104682${tail}`,
  imUserId: `74945601097323${tail}`,
  nickname,
  avatar: '',
  ...more,
});

export const DEMO_BUYERS: readonly TiktokBuyer[] = [
  buyer('mia', '30477', 'Mia Thompson'),
  buyer('xiaoyu', '30478', '陈晓雨'),
  buyer('oliver', '30479', 'Ollie 🌿'),
  buyer('weiting', '30480', '林唯婷'),
  buyer('somchai', '30481', 'สมชาย ใจดี'),
  buyer('ploy', '30482', 'พลอย'),
  buyer('budi', '30483', 'Budi Santoso', { platform: 'TOKOPEDIA' }),
  buyer('putri', '30484', 'Putri A.', { platform: 'TIKTOK_SHOP' }),
  buyer('lan', '30485', 'Nguyễn Thị Lan'),
  buyer('aisyah', '30486', 'Aisyah binti Rahman'),
];
