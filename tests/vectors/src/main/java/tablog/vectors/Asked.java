package tablog.vectors;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;

/** An assignor of Apache Kafka. */
interface Asked {
    default Map<String, List<TopicPartition>> assign(Group group) {
        return named(group, prepare(group).get());
    }

    /** What is the assignor's own work, everything else being done beforehand. */
    Supplier<Object> prepare(Group group);

    /** Its answer, by member id. */
    Map<String, List<TopicPartition>> named(Group group, Object answer);
}
