/** What a vendor extension answers. `data` is text in OCPP 1.6, any JSON object in 2.x. */
export interface DataTransferAnswer {
  readonly status: 'Accepted' | 'Rejected' | 'UnknownMessageId' | 'UnknownVendorId'
  readonly data?: unknown
}

export type DataTransferHandler = (
  stationId: string,
  data: unknown,
) => DataTransferAnswer | Promise<DataTransferAnswer>

/** Vendor id -> message id (empty = without one) -> handler. */
export type DataTransferHandlers = Readonly<
  Record<string, Readonly<Record<string, DataTransferHandler>>>
>

export type DataTransfer = ReturnType<typeof createDataTransfer>

/** The multiplexer of vendor extensions. What nobody handles is answered, never an error. */
export const createDataTransfer = (handlers: DataTransferHandlers) => ({
  answer: (
    stationId: string,
    vendorId: string,
    messageId: string,
    data: unknown,
  ): DataTransferAnswer | Promise<DataTransferAnswer> => {
    const vendor = Object.hasOwn(handlers, vendorId) ? handlers[vendorId] : undefined
    if (!vendor) return { status: 'UnknownVendorId' }
    const handler = Object.hasOwn(vendor, messageId) ? vendor[messageId] : undefined
    return handler ? handler(stationId, data) : { status: 'UnknownMessageId' }
  },
})
