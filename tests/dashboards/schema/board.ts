// Grafana's types as JSON writes them. A board's file is this, then its parts as constants (test_grafana_types.py).
import type * as dashboard from "./node_modules/@grafana/schema/dist/types/veneer/dashboard.types";
import type * as bargauge from "./node_modules/@grafana/schema/dist/types/raw/composable/bargauge/panelcfg/x/types.gen";
import type * as geomap from "./node_modules/@grafana/schema/dist/types/raw/composable/geomap/panelcfg/x/types.gen";
import type * as heatmap from "./node_modules/@grafana/schema/dist/types/raw/composable/heatmap/panelcfg/x/types.gen";
import type * as stat from "./node_modules/@grafana/schema/dist/types/raw/composable/stat/panelcfg/x/types.gen";
import type * as table from "./node_modules/@grafana/schema/dist/types/raw/composable/table/panelcfg/x/types.gen";
import type * as text from "./node_modules/@grafana/schema/dist/types/raw/composable/text/panelcfg/x/types.gen";
import type * as timeseries from "./node_modules/@grafana/schema/dist/types/raw/composable/timeseries/panelcfg/x/types.gen";

// JSON holds the values of enums, and an object has the names its type has and no others.
type Plain<T> = unknown extends T
  ? T
  : T extends string
    ? `${T}`
    : T extends number
      ? `${T}` extends `${infer N extends number}`
        ? N
        : T
      : T extends (infer U)[]
        ? Plain<U>[]
        : T extends object
          ? { [K in keyof T]: Plain<T[K]> }
          : T;

interface Kinds {
  bargauge: { options: bargauge.Options; custom: {} };
  geomap: { options: geomap.Options; custom: {} };
  heatmap: { options: heatmap.Options; custom: heatmap.FieldConfig };
  stat: { options: stat.Options; custom: {} };
  table: { options: table.Options; custom: Partial<table.FieldConfig> };
  text: { options: text.Options; custom: {} };
  timeseries: { options: timeseries.Options; custom: timeseries.FieldConfig };
}

type Settings<C> = Omit<Plain<dashboard.FieldConfigSource>, "defaults"> & {
  defaults: Omit<Plain<dashboard.FieldConfig>, "custom"> & { custom?: Plain<C> };
};
type Common = Omit<dashboard.Panel, "type" | "options" | "fieldConfig">;
type Typed<K extends keyof Kinds> = Plain<Common> & {
  type: K;
  options?: Plain<Partial<Kinds[K]["options"]>>;
  fieldConfig?: Settings<Partial<Kinds[K]["custom"]>>;
};
type Row = Plain<dashboard.RowPanel>;
type Untyped = Plain<Omit<dashboard.Panel, "type">> & { type: "alertlist" };
// The query of Grafana's own annotations: its plugin's type is in no package.
type Tags = { refId: string; limit: number; matchAny: boolean; tags: string[]; type: "tags" };
type Note = Omit<Plain<dashboard.AnnotationQuery>, "target"> & { target?: Tags };
type Board = Plain<Omit<dashboard.Dashboard, "panels" | "annotations">> & { annotations: { list: Note[] } };

