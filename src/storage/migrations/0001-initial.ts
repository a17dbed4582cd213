import type { Migration } from './migration.ts'

/**
 * All tables of the first version. `rowId` counts the rows of a table; where rows are only appended
 * and pruned it is never given twice, so that a reader may use it as "seen up to here".
 */
export const initial: Migration = {
  version: 1,
  name: 'initial',
  sqlite: `
CREATE TABLE "station" (
  "rowId" INTEGER PRIMARY KEY,
  "stationId" TEXT NOT NULL,
  "state" TEXT,
  "protocol" TEXT,
  "vendor" TEXT,
  "model" TEXT,
  "firmware" TEXT,
  "serialNumber" TEXT,
  "passwordHash" TEXT,
  "bootedAtMs" INTEGER,
  "lastSeenAtMs" INTEGER,
  "capability" TEXT,
  "createdAtMs" INTEGER,
  UNIQUE ("stationId")
) STRICT;

CREATE TABLE "evse" (
  "rowId" INTEGER PRIMARY KEY,
  "stationId" TEXT NOT NULL,
  "evseId" INTEGER NOT NULL,
  "status" TEXT,
  "statusAtMs" INTEGER,
  "errorCode" TEXT,
  UNIQUE ("stationId", "evseId")
) STRICT;

CREATE TABLE "session" (
  "rowId" INTEGER PRIMARY KEY,
  "id" TEXT NOT NULL,
  "stationId" TEXT,
  "evseId" INTEGER,
  "transactionId" TEXT,
  "idToken" TEXT,
  "connectedAtMs" INTEGER,
  "startedAtMs" INTEGER,
  "endedAtMs" INTEGER,
  "energyWh" REAL,
  "need" TEXT,
  "priority" REAL,
  UNIQUE ("id")
) STRICT;
CREATE INDEX "session_endedAtMs" ON "session" ("endedAtMs");
CREATE INDEX "session_stationId_connectedAtMs" ON "session" ("stationId", "connectedAtMs");

CREATE TABLE "transaction" (
  "rowId" INTEGER PRIMARY KEY,
  "stationId" TEXT NOT NULL,
  "transactionId" TEXT NOT NULL,
  "evseId" INTEGER,
  "connectorId" INTEGER,
  "sessionId" TEXT,
  "idToken" TEXT,
  "startedAtMs" INTEGER,
  "meterStartWh" REAL,
  "endedAtMs" INTEGER,
  "meterStopWh" REAL,
  "stopReason" TEXT,
  "seqNo" INTEGER,
  "gaps" TEXT,
  "state" TEXT,
  UNIQUE ("stationId", "transactionId")
) STRICT;
CREATE INDEX "transaction_endedAtMs" ON "transaction" ("endedAtMs");
CREATE INDEX "transaction_startedAtMs" ON "transaction" ("startedAtMs");

CREATE TABLE "idToken" (
  "rowId" INTEGER PRIMARY KEY,
  "idToken" TEXT NOT NULL,
  "type" TEXT,
  "state" TEXT,
  "groupId" TEXT,
  "expiresAtMs" INTEGER,
  "note" TEXT,
  UNIQUE ("idToken")
) STRICT;

CREATE TABLE "apiToken" (
  "rowId" INTEGER PRIMARY KEY,
  "id" TEXT NOT NULL,
  "hash" TEXT,
  "label" TEXT,
  "scopes" TEXT,
  "createdAtMs" INTEGER,
  "expiresAtMs" INTEGER,
  "revokedAtMs" INTEGER,
  UNIQUE ("id")
) STRICT;

CREATE TABLE "sample" (
  "rowId" INTEGER PRIMARY KEY AUTOINCREMENT,
  "stationId" TEXT,
  "evseId" INTEGER,
  "transactionId" TEXT,
  "measuredAtMs" INTEGER,
  "receivedAtMs" INTEGER,
  "context" TEXT,
  "values" TEXT
) STRICT;
CREATE INDEX "sample_stationId_measuredAtMs" ON "sample" ("stationId", "measuredAtMs");
CREATE INDEX "sample_transactionId" ON "sample" ("transactionId");
CREATE INDEX "sample_receivedAtMs" ON "sample" ("receivedAtMs");

CREATE TABLE "reading" (
  "rowId" INTEGER PRIMARY KEY AUTOINCREMENT,
  "meterId" TEXT,
  "measuredAtMs" INTEGER,
  "receivedAtMs" INTEGER,
  "quality" TEXT,
  "values" TEXT
) STRICT;
CREATE INDEX "reading_meterId_measuredAtMs" ON "reading" ("meterId", "measuredAtMs");
CREATE INDEX "reading_receivedAtMs" ON "reading" ("receivedAtMs");

CREATE TABLE "event" (
  "rowId" INTEGER PRIMARY KEY,
  "authority" TEXT NOT NULL,
  "eventId" TEXT NOT NULL,
  "modification" INTEGER,
  "state" TEXT,
  "document" TEXT,
  "memory" TEXT,
  "startMs" INTEGER,
  "endMs" INTEGER,
  "updatedAtMs" INTEGER,
  UNIQUE ("authority", "eventId")
) STRICT;
CREATE INDEX "event_endMs" ON "event" ("endMs");

CREATE TABLE "eventTransition" (
  "rowId" INTEGER PRIMARY KEY AUTOINCREMENT,
  "authority" TEXT,
  "eventId" TEXT,
  "modification" INTEGER,
  "state" TEXT,
  "atMs" INTEGER,
  "code" TEXT,
  "reason" TEXT,
  "committed" TEXT
) STRICT;
CREATE INDEX "eventTransition_eventId_atMs" ON "eventTransition" ("eventId", "atMs");

CREATE TABLE "grant" (
  "rowId" INTEGER PRIMARY KEY AUTOINCREMENT,
  "key" TEXT,
  "atMs" INTEGER,
  "limitA" REAL,
  "reasons" TEXT
) STRICT;
CREATE INDEX "grant_key_atMs" ON "grant" ("key", "atMs");
CREATE INDEX "grant_atMs" ON "grant" ("atMs");

CREATE TABLE "plan" (
  "rowId" INTEGER PRIMARY KEY,
  "id" TEXT NOT NULL,
  "createdAtMs" INTEGER,
  "document" TEXT,
  UNIQUE ("id")
) STRICT;
CREATE INDEX "plan_createdAtMs" ON "plan" ("createdAtMs");

CREATE TABLE "profile" (
  "rowId" INTEGER PRIMARY KEY,
  "stationId" TEXT NOT NULL,
  "evseId" INTEGER NOT NULL,
  "purpose" TEXT NOT NULL,
  "desired" TEXT,
  "sent" TEXT,
  "reported" TEXT,
  "verified" TEXT,
  UNIQUE ("stationId", "evseId", "purpose")
) STRICT;

CREATE TABLE "message" (
  "rowId" INTEGER PRIMARY KEY AUTOINCREMENT,
  "stationId" TEXT,
  "atMs" INTEGER,
  "direction" TEXT,
  "kind" TEXT,
  "action" TEXT,
  "messageId" TEXT,
  "text" TEXT
) STRICT;
CREATE INDEX "message_stationId_atMs" ON "message" ("stationId", "atMs");
CREATE INDEX "message_atMs" ON "message" ("atMs");

CREATE TABLE "variable" (
  "rowId" INTEGER PRIMARY KEY,
  "stationId" TEXT NOT NULL,
  "component" TEXT NOT NULL,
  "variable" TEXT NOT NULL,
  "attribute" TEXT NOT NULL,
  "value" TEXT,
  "readonly" INTEGER,
  "updatedAtMs" INTEGER,
  UNIQUE ("stationId", "component", "variable", "attribute")
) STRICT;

CREATE TABLE "counter" (
  "rowId" INTEGER PRIMARY KEY,
  "name" TEXT NOT NULL,
  "value" INTEGER,
  UNIQUE ("name")
) STRICT;

CREATE TABLE "audit" (
  "rowId" INTEGER PRIMARY KEY AUTOINCREMENT,
  "atMs" INTEGER,
  "actor" TEXT,
  "action" TEXT,
  "target" TEXT,
  "detail" TEXT
) STRICT;
CREATE INDEX "audit_atMs" ON "audit" ("atMs");
`,
}
