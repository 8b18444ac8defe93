//! Round trips of kcat, which speaks through librdkafka, against `tablog broker`.
