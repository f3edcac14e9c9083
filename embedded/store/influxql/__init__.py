"""InfluxQL: text → syntax tree (`parser`) → checked plan (`compiler`) → rows (`engine`)."""
