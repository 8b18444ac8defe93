package tablog.vectors;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;

/** An assignor of Apache Kafka. */
interface Asked {
    Map<String, List<TopicPartition>> assign(Group group);

    /** The same, with all that is not the assignor's own work done beforehand. */
    Supplier<Map<String, List<TopicPartition>>> prepare(Group group);
}
