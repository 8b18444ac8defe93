//! The flights: 20,000 of 2001, unpacked from `static/flights/flights.bin` (drawn in the README beside it).

use crate::model::quantity::civil;

#[derive(Clone, Debug, PartialEq)]
pub struct Flights {
    airports: Vec<String>,
    flights: Vec<Flight>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Flight {
    at_minute: i64,
    delay: i64,
    distance: u64,
    origin: usize,
    destination: usize,
}

/// One record of the topic `flights`.
#[derive(Clone, Debug, PartialEq)]
pub struct FlightRecord {
    pub key: String,
    pub value: String,
    pub timestamp_ms: i64,
}

impl Flights {
    /// None if the bytes are not what they say.
    pub fn unpack(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(b"TLF1")?;
        let airports = usize::from(u16::from_le_bytes(rest.get(..2)?.try_into().ok()?));
        let count = u32::from_le_bytes(rest.get(2..6)?.try_into().ok()?) as usize;
        let names = rest.get(6..6 + airports * 3)?;
        let airports: Vec<String> =
            names.chunks(3).map(|c| std::str::from_utf8(c).ok().map(str::to_owned)).collect::<Option<_>>()?;
        let mut rest = &rest[6 + airports.len() * 3..];
        // A flight takes five bytes at least.
        let mut flights = Vec::with_capacity(count.min(rest.len() / 5));
        let mut at_minute = 0;
        for _ in 0..count {
            at_minute += zigzag(&mut rest)?;
            let delay = zigzag(&mut rest)?;
            let distance = varint(&mut rest)?;
            let (origin, destination) = (varint(&mut rest)? as usize, varint(&mut rest)? as usize);
            if origin >= airports.len() || destination >= airports.len() {
                return None;
            }
            flights.push(Flight { at_minute, delay, distance, origin, destination });
        }
        Some(Flights { airports, flights })
    }

    pub fn len(&self) -> usize {
        self.flights.len()
    }

    pub fn is_empty(&self) -> bool {
        self.flights.is_empty()
    }

    pub fn record(&self, index: usize) -> FlightRecord {
        let flight = self.flights[index % self.flights.len()];
        let (origin, destination) = (&self.airports[flight.origin], &self.airports[flight.destination]);
        let (year, month, day) = civil(flight.at_minute.div_euclid(1_440));
        let minute = flight.at_minute.rem_euclid(1_440);
        let value = format!(
            "{{\"date\":\"{year:04}/{month:02}/{day:02} {:02}:{:02}\",\"delay\":{},\"distance\":{},\"origin\":\"{origin}\",\"destination\":\"{destination}\"}}",
            minute / 60,
            minute % 60,
            flight.delay,
            flight.distance,
        );
        FlightRecord { key: origin.clone(), value, timestamp_ms: flight.at_minute * 60_000 }
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn zigzag(bytes: &mut &[u8]) -> Option<i64> {
    let n = varint(bytes)?;
    Some((n >> 1) as i64 ^ -((n & 1) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKED: &[u8] = include_bytes!("../../../../static/flights/flights.bin");

    #[test]
    fn the_flights_are_those_of_the_source() {
        let flights = Flights::unpack(PACKED).unwrap();
        assert_eq!(flights.len(), 20_000);
        let first = flights.record(0);
        assert_eq!(
            first.value,
            r#"{"date":"2001/01/01 00:47","delay":66,"distance":1750,"origin":"DTW","destination":"LAS"}"#
        );
        assert_eq!((first.key.as_str(), first.timestamp_ms), ("DTW", 978_310_020_000));
        let mut counts = [0; 6];
        for i in 0..flights.len() {
            counts[crate::model::murmur2::partition_of(flights.record(i).key.as_bytes(), 6) as usize] += 1;
        }
        assert_eq!(counts, [2186, 5539, 3116, 4574, 2343, 2242]);
    }

    #[test]
    fn a_file_that_is_cut_or_lies_is_refused() {
        assert!(Flights::unpack(&PACKED[..PACKED.len() - 1]).is_none());
        assert!(Flights::unpack(b"TLF1\x01\x00\xff\xff\xff\xffABC").is_none());
        assert!(Flights::unpack(b"").is_none());
    }
}
